// SPDX-License-Identifier: Apache-2.0
/**
 * A request's way to an upstream and its answer's way back, with back pressure, time limits, a
 * second try, upgrades. Everything of one request runs on one event loop.
 */
@NullMarked
package io.github.harp.proxy.forward;

import org.jspecify.annotations.NullMarked;
