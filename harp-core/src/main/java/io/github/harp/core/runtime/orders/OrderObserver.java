// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import io.github.harp.core.notice.Tracing;

/** Is told of each order when it is over, on a thread that it must not block. */
@FunctionalInterface
public interface OrderObserver {

  void finished(OrderRecord order);

  /** What follows each order, and the calls that are made to carry it out. */
  default Tracing tracing() {
    return Tracing.NONE;
  }
}
