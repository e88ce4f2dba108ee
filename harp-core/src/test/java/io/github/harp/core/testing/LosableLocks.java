// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.orders.OrderLocks;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Locks that anybody gets at once, and which another node may have while a test says so. Nobody is
 * told of that who doesn't ask.
 */
public final class LosableLocks implements OrderLocks, OrderLocks.Held {

  private final BooleanSupplier lost;

  public LosableLocks(BooleanSupplier lost) {
    this.lost = lost;
  }

  @Override
  public Duration patience() {
    return Duration.ZERO;
  }

  @Override
  public Held lock(String what, Runnable lost) {
    return this;
  }

  @Override
  public void requireHeld() {
    if (lost.getAsBoolean()) {
      throw new HarpException(HarpException.Code.BUSY, "another node may be at it");
    }
  }

  @Override
  public void close() {}
}
