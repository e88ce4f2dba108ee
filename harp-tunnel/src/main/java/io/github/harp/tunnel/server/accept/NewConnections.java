// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.LoginBans;
import io.github.harp.tunnel.TunnelLimits;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections that nobody has logged in on yet, and turns away those beyond a limit.
 * Thread-safe.
 */
public final class NewConnections {

  private final TunnelLimits limits;
  private final LoginBans bans;
  private final AtomicInteger total = new AtomicInteger();
  private final ConcurrentHashMap<AddressGroup, Integer> perAddress = new ConcurrentHashMap<>();

  public NewConnections(TunnelLimits limits, LoginBans bans) {
    this.limits = limits;
    this.bans = bans;
  }

  /**
   * Counts one; the returned action, which may run twice, ends the count. Null if there are too
   * many.
   */
  public @Nullable Runnable admit(InetAddress address) {
    int mostOfAddress =
        bans.isBanned(address)
            ? limits.newConnectionsPerBannedAddress()
            : limits.newConnectionsPerAddress();
    AddressGroup group = AddressGroup.of(address);
    if (total.incrementAndGet() > limits.newConnections()) {
      total.decrementAndGet();
      return null;
    }
    if (perAddress.merge(group, 1, Integer::sum) > mostOfAddress) {
      leave(group);
      return null;
    }
    AtomicBoolean left = new AtomicBoolean();
    return () -> {
      if (left.compareAndSet(false, true)) {
        leave(group);
      }
    };
  }

  private void leave(AddressGroup group) {
    total.decrementAndGet();
    perAddress.computeIfPresent(group, (key, count) -> count > 1 ? count - 1 : null);
  }

  public int count() {
    return total.get();
  }
}
