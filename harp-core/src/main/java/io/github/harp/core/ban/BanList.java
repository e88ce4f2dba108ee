// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.IpAddresses;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts failures by address in a sliding window: {@code count} failures younger than {@code
 * window} ban the address until enough of them have aged. An IPv6 client is its /64, which is what
 * one subscriber gets.
 *
 * <p>Bounded: under an attack from very many addresses the least active are forgotten. Thread-safe.
 */
public final class BanList {
  private static final Logger LOG = LoggerFactory.getLogger(BanList.class);
  private static final int MAX_FAILURES_KEPT = 500_000;
  private static final Duration LONGEST_WINDOW = Duration.ofDays(3_650);

  /**
   * One address, or /64, with failures.
   *
   * @param network the address itself, or the first of its /64
   * @param banned whether it is refused now
   * @param events the failures that count, oldest first
   */
  public record Entry(InetAddress network, boolean banned, List<Event> events) {}

  /**
   * One failure.
   *
   * @param reason why, as in the log
   * @param age how long ago
   */
  public record Event(String reason, Duration age) {}

  private record Failure(long at, String reason) {}

  private final String name;
  private final int count;
  private final Duration window;
  private final Ticker ticker;
  private final Cache<InetAddress, List<Failure>> failures;

  /**
   * An empty list.
   *
   * @param name whose failures these are, for the log
   * @param count failures that ban, at least 1
   * @param window how long a failure counts; zero or less: never
   * @param ticker the time
   */
  public BanList(String name, int count, Duration window, Ticker ticker) {
    if (count < 1) {
      throw new IllegalArgumentException("ban count " + count + ": expected at least 1");
    }
    this.name = name;
    this.count = count;
    this.window = window.isNegative() ? Duration.ZERO : shorterOf(window, LONGEST_WINDOW);
    this.ticker = ticker;
    this.failures =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(this.window)
            .maximumWeight(MAX_FAILURES_KEPT)
            .weigher((InetAddress network, List<Failure> of) -> of.size())
            .executor(Runnable::run)
            .build();
  }

  /** Whether this address has too many failures. */
  public boolean isBanned(InetAddress address) {
    if (failures.asMap().isEmpty()) {
      return false;
    }
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    return known != null && known.size() >= count && isYoung(known.get(known.size() - count));
  }

  /** Whether this address would be banned with one failure more. */
  public boolean bansNext(InetAddress address) {
    if (count == 1) {
      return !window.isZero();
    }
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    return known != null
        && known.size() >= count - 1
        && isYoung(known.get(known.size() - count + 1));
  }

  /** For how long this address is still banned; zero when it is not. */
  public Duration remaining(InetAddress address) {
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    if (known == null || known.size() < count) {
      return Duration.ZERO;
    }
    var age = ticker.read() - known.get(known.size() - count).at();
    return age < window.toNanos() ? window.minusNanos(age) : Duration.ZERO;
  }

  /** An empty list with the same limits. */
  public BanList another(String otherName) {
    return new BanList(otherName, count, window, ticker);
  }

  /** Counts a failure; whether the address is banned now. */
  public boolean record(InetAddress address, String reason) {
    var network = IpAddresses.subscriber(address);
    var failure = new Failure(ticker.read(), reason);
    var wasBanned = isBanned(address);
    failures.asMap().merge(network, List.of(failure), (old, latest) -> append(old, failure));
    var banned = isBanned(address);
    if (banned && !wasBanned) {
      LOG.warn(
          "{}: {} is banned after {} failures within {} s, the last one {}",
          name,
          IpAddresses.text(network),
          count,
          window.toSeconds(),
          reason);
    }
    return banned;
  }

  /** Takes back the newest failure of an address that was recorded with this reason. */
  public void forgive(InetAddress address, String reason) {
    failures
        .asMap()
        .computeIfPresent(
            IpAddresses.subscriber(address),
            (network, known) -> {
              var kept = new ArrayList<>(known);
              for (int i = kept.size() - 1; i >= 0; i--) {
                if (kept.get(i).reason().equals(reason)) {
                  kept.remove(i);
                  break;
                }
              }
              return kept.isEmpty() ? null : List.copyOf(kept);
            });
  }

  /** Forgets the failures of one address; whether there were any. */
  public boolean clear(InetAddress address) {
    return failures.asMap().remove(IpAddresses.subscriber(address)) != null;
  }

  /** Forgets all failures. */
  public void clear() {
    failures.invalidateAll();
  }

  /** Everybody with failures that count, banned ones first. */
  public List<Entry> entries() {
    var now = ticker.read();
    var entries = new ArrayList<Entry>();
    failures
        .asMap()
        .forEach(
            (network, known) -> {
              var events =
                  known.stream()
                      .filter(this::isYoung)
                      .map(it -> new Event(it.reason(), Duration.ofNanos(now - it.at())))
                      .toList();
              if (!events.isEmpty()) {
                entries.add(new Entry(network, events.size() >= count, events));
              }
            });
    entries.sort(
        Comparator.comparing(Entry::banned).thenComparing(it -> it.events().size()).reversed());
    return List.copyOf(entries);
  }

  /** What this list is about, as in the log. */
  public String name() {
    return name;
  }

  private List<Failure> append(List<Failure> old, Failure failure) {
    var kept = new ArrayList<Failure>(old.size() + 1);
    for (var it : old.subList(Math.max(0, old.size() - count + 1), old.size())) {
      if (isYoung(it)) {
        kept.add(it);
      }
    }
    kept.add(failure);
    return List.copyOf(kept);
  }

  private static Duration shorterOf(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private boolean isYoung(Failure failure) {
    return ticker.read() - failure.at() < window.toNanos();
  }
}
