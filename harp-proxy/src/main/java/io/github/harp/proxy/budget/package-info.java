// SPDX-License-Identifier: Apache-2.0
/** What all clients together may make us keep, and who has to go when it is too much. */
@NullMarked
package io.github.harp.proxy.budget;

import org.jspecify.annotations.NullMarked;
