// SPDX-License-Identifier: Apache-2.0
/** The headers in which AppAPI, HaRP and ExApps tell each other who asks for what. */
@NullMarked
package io.github.harp.core.appapi;

import org.jspecify.annotations.NullMarked;
