// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.vertx.core.Future;

/**
 * Carries out orders. The future may complete on any thread and never fails: failures are answers.
 */
public interface ControlHandler {

  /** The most bytes of a body that this order may have; a longer one is refused with 413. */
  int maxBodyBytes(String path);

  Future<ControlAnswer> handle(ControlRequest request);

  /** For a host without orders: each is answered with 503. */
  static ControlHandler none() {
    return new ControlHandler() {

      @Override
      public int maxBodyBytes(String path) {
        return 1024 * 1024;
      }

      @Override
      public Future<ControlAnswer> handle(ControlRequest request) {
        return Future.succeededFuture(ControlAnswer.text(503, "no orders are carried out here"));
      }
    };
  }
}
