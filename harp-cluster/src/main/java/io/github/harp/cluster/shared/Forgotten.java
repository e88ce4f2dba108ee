// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Failures that somebody has cleared, for as long as one that did not hear of it may tell them
 * again. Bounded: of more than {@link #MOST} some are not remembered. Thread-safe.
 */
final class Forgotten {

  /** A megabyte of memory, and a quarter of one in an answer. */
  static final int MOST = 10_000;

  private final Cache<Long, InetAddress> networks;

  /**
   * @param window how long a failure counts
   */
  Forgotten(Duration window, Ticker ticker) {
    this.networks =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(window.isNegative() ? Duration.ZERO : window)
            .maximumSize(MOST)
            .executor(Runnable::run)
            .build();
  }

  /** Also what is known already, for no longer than it was to be. */
  void add(InetAddress network, Set<Long> ids) {
    ids.stream().filter(id -> id != 0).forEach(id -> networks.asMap().putIfAbsent(id, network));
  }

  boolean contains(long id) {
    return networks.asMap().containsKey(id);
  }

  /** By network; a copy. */
  Map<InetAddress, Set<Long>> all() {
    var all = new HashMap<InetAddress, Set<Long>>();
    networks
        .asMap()
        .forEach((id, network) -> all.computeIfAbsent(network, it -> new HashSet<>()).add(id));
    return all;
  }
}
