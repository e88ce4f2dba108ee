// SPDX-License-Identifier: Apache-2.0
/** The bodies of orders: read, checked, and turned into what harp-core understands. */
@NullMarked
package io.github.harp.proxy.control.body;

import org.jspecify.annotations.NullMarked;
