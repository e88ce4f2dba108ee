// SPDX-License-Identifier: Apache-2.0
/**
 * AppAPI's orders: a function from a request to an answer behind a route table; no socket, no port.
 */
@NullMarked
package io.github.harp.proxy.control;

import org.jspecify.annotations.NullMarked;
