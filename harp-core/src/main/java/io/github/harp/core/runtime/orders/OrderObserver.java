// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

/** Is told of each order when it is over, on a thread that it must not block. */
@FunctionalInterface
public interface OrderObserver {

  void finished(OrderRecord order);
}
