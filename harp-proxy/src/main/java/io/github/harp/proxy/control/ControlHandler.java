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
}
