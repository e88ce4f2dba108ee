// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.control;

import io.github.harp.tunnel.server.accept.AddressGroup;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows down guessing: each wrong login from an address makes the answer to the next one later.
 * Remembers a bounded number of addresses. Thread-safe.
 */
final class LoginPenalties {

  private static final int MAX_ADDRESSES = 10_000;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final int MAX_STEPS = 12;
  private static final long FORGIVEN_AFTER_NANOS = Duration.ofMinutes(5).toNanos();

  private record Failures(int count, long lastNanos) {}

  private final Map<AddressGroup, Failures> failures =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AddressGroup, Failures> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  /** Counts a wrong login; returns how long to wait before answering it. */
  synchronized Duration afterFailure(InetAddress address, long nowNanos) {
    AddressGroup group = AddressGroup.of(address);
    Failures before = failures.get(group);
    boolean fresh = before == null || nowNanos - before.lastNanos > FORGIVEN_AFTER_NANOS;
    int count = fresh || before == null ? 1 : Math.min(before.count + 1, MAX_STEPS);
    failures.put(group, new Failures(count, nowNanos));
    return STEP.multipliedBy(count);
  }
}
