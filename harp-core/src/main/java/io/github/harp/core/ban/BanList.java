// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.watch.Watch;
import io.github.harp.core.watch.Watchers;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts failures by address in a sliding window: {@code count} failures younger than {@code
 * window} ban the address until enough of them have aged.
 *
 * <p>Bounded: under an attack from very many addresses the least active are forgotten. Thread-safe.
 */
public final class BanList implements Failures {
  private static final Logger LOG = LoggerFactory.getLogger(BanList.class);
  private static final int MAX_FAILURES_KEPT = 500_000;
  private static final Duration LONGEST_WINDOW = Duration.ofDays(3_650);

  private record Counted(long at, String reason, long id) {
    boolean isSame(Counted other) {
      return id != 0 && id == other.id;
    }
  }

  private final String name;
  private final int count;
  private final Duration window;
  private final Ticker ticker;
  private final Cache<InetAddress, List<Counted>> failures;
  private final Watchers<Event> watchers = new Watchers<>();

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
            .weigher((InetAddress network, List<Counted> of) -> of.size())
            .executor(Runnable::run)
            .build();
  }

  @Override
  public boolean isBanned(InetAddress address) {
    if (failures.asMap().isEmpty()) {
      return false;
    }
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    return known != null && areTooMany(known);
  }

  @Override
  public long banned() {
    return failures.asMap().values().stream().filter(this::areTooMany).count();
  }

  private boolean areTooMany(List<Counted> known) {
    return known.size() >= count && isYoung(known.get(known.size() - count));
  }

  @Override
  public boolean bansNext(InetAddress address) {
    if (count == 1) {
      return !window.isZero();
    }
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    return known != null
        && known.size() >= count - 1
        && isYoung(known.get(known.size() - count + 1));
  }

  @Override
  public Duration remaining(InetAddress address) {
    var known = failures.getIfPresent(IpAddresses.subscriber(address));
    if (known == null || known.size() < count) {
      return Duration.ZERO;
    }
    var age = ticker.read() - known.get(known.size() - count).at();
    return age < window.toNanos() ? window.minusNanos(age) : Duration.ZERO;
  }

  @Override
  public boolean record(InetAddress address, Failure failure) {
    var network = IpAddresses.subscriber(address);
    var at = ticker.read() - shorterOf(failure.age(), window).toNanos();
    var latest = new Counted(at, failure.reason(), failure.id());
    var wasBanned = isBanned(address);
    var known = failures.asMap().merge(network, List.of(latest), (old, one) -> append(old, latest));
    var banned = isBanned(address);
    if (banned && !wasBanned) {
      LOG.warn(
          "{}: {} is banned after {} failures within {} s, the last one {}",
          name,
          IpAddresses.text(network),
          count,
          window.toSeconds(),
          failure.reason());
    }
    if (known.stream().anyMatch(it -> it == latest)) {
      watchers.note(new Recorded(network, failure.reason()));
      watchers.tell();
    }
    return banned;
  }

  @Override
  public boolean clear(InetAddress address) {
    var network = IpAddresses.subscriber(address);
    var hadSome = failures.asMap().remove(network) != null;
    watchers.note(new Cleared(Optional.of(network)));
    watchers.tell();
    return hadSome;
  }

  @Override
  public void clear(InetAddress address, Set<Long> ids) {
    var network = IpAddresses.subscriber(address);
    var before = failures.asMap().get(network);
    var left =
        failures
            .asMap()
            .computeIfPresent(
                network,
                (it, known) -> {
                  var kept = known.stream().filter(one -> !ids.contains(one.id())).toList();
                  return kept.isEmpty() ? null : kept;
                });
    if (before != null && !before.equals(left)) {
      watchers.note(new Cleared(Optional.of(network)));
      watchers.tell();
    }
  }

  @Override
  public void clear() {
    failures.invalidateAll();
    watchers.note(new Cleared(Optional.empty()));
    watchers.tell();
  }

  @Override
  public List<Failure> of(InetAddress address) {
    return young(failures.asMap().getOrDefault(IpAddresses.subscriber(address), List.of()));
  }

  private List<Failure> young(List<Counted> known) {
    var now = ticker.read();
    return known.stream()
        .filter(this::isYoung)
        .map(it -> new Failure(it.reason(), Duration.ofNanos(now - it.at()), it.id()))
        .toList();
  }

  @Override
  public List<Entry> entries() {
    var entries = new ArrayList<Entry>();
    failures
        .asMap()
        .forEach(
            (network, known) -> {
              var young = young(known);
              if (!young.isEmpty()) {
                entries.add(new Entry(network, young.size() >= count, young));
              }
            });
    entries.sort(
        Comparator.comparing(Entry::banned).thenComparing(it -> it.failures().size()).reversed());
    return List.copyOf(entries);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Watch watch(Consumer<? super Event> listener) {
    return watchers.add(listener);
  }

  /** The latest that ban, in the order they happened in, whatever order they are heard in. */
  private List<Counted> append(List<Counted> old, Counted failure) {
    if (old.stream().anyMatch(failure::isSame)) {
      return old;
    }
    var kept = new ArrayList<Counted>(old.size() + 1);
    for (var it : old) {
      if (isYoung(it)) {
        kept.add(it);
      }
    }
    var place = kept.size();
    while (place > 0 && kept.get(place - 1).at() - failure.at() > 0) {
      place--;
    }
    kept.add(place, failure);
    return List.copyOf(kept.subList(Math.max(0, kept.size() - count), kept.size()));
  }

  private static Duration shorterOf(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private boolean isYoung(Counted failure) {
    return ticker.read() - failure.at() < window.toNanos();
  }
}
