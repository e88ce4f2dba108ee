// SPDX-License-Identifier: Apache-2.0
/** What those who look after a gateway need to know of a configuration. */
@NullMarked
package io.github.harp.launcher.facts;

import org.jspecify.annotations.NullMarked;
