// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Remembers which tunnel clients were turned away lately, and why. Thread-safe. */
public final class RefusedLogins implements TunnelListener {

  private static final int MAX_ADDRESSES = 100;

  /**
   * The last refusal of one address.
   *
   * @param times how often it was refused since it was first seen
   */
  public record Refusal(
      InetAddress address, RefusalCode code, String reason, Instant last, int times) {}

  private final Clock clock;

  /** The longest silent address is forgotten first. */
  private final Map<InetAddress, Refusal> refusals =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Refusal> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  public RefusedLogins(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void refused(InetSocketAddress from, RefusalCode code, String reason) {
    var address = from.getAddress();
    synchronized (refusals) {
      var before = refusals.get(address);
      var times = before == null ? 1 : before.times() + 1;
      refusals.put(address, new Refusal(address, code, reason, clock.instant(), times));
    }
  }

  /** One for each address, the one that was refused last at the end. */
  public List<Refusal> list() {
    synchronized (refusals) {
      return List.copyOf(refusals.values());
    }
  }
}
