// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.Future;

/** Carries out one kind of order; fails, at once or later, with a HarpException. */
@FunctionalInterface
interface Order {

  Future<ControlAnswer> run(ControlRequest request);
}
