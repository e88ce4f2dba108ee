// SPDX-License-Identifier: Apache-2.0
/** The checks that a request's head passes before anything is decided about it. */
@NullMarked
package io.github.harp.proxy.frontend.head;

import org.jspecify.annotations.NullMarked;
