// SPDX-License-Identifier: Apache-2.0
/**
 * A request's way to an upstream and its answer's way back: header rewriting, pooled connections,
 * back pressure, time limits, upgrades. Everything of one request runs on one event loop.
 */
@NullMarked
package io.github.harp.proxy.forward;

import org.jspecify.annotations.NullMarked;
