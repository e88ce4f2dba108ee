// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.server.LoginBans;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The connections that nobody has logged in on yet: of each address, and in all, so many and no
 * more.
 *
 * <p>Who comes is let in, and where there are too many another has to go: the one that has come
 * least far, the oldest of these. So whoever holds connections without a word keeps nobody out.
 * While there is room in all, those that an address has too many have a moment to go on first: a
 * client with a right key is through before a flood from its own address has pushed it out. When
 * there is none, they go at once, and after them those of addresses that nobody has ever logged in
 * from, first of the address that has most. Thread-safe.
 */
final class NewConnections {

  /** As many addresses as there can be clients. */
  private static final int MAX_KNOWN_ADDRESSES = 4_096;

  /** Of all, leave together when there is no room: to find one takes a look at all of them. */
  private static final int PART_AT_ONCE = 64;

  private static final int STAGES = Stage.values().length;

  /** How long one too many of its address may still speak up. */
  private static final Duration MOMENT = Duration.ofMillis(250);

  private final TunnelLimits.Newcomers limits;
  private final LoginBans bans;

  /** Oldest first. */
  private final Set<Connection> open = new LinkedHashSet<>();

  /** Those of them that their addresses have too many; longest first. */
  private final Set<Connection> leaving = new LinkedHashSet<>();

  /** Those of each address that are not leaving, oldest first. */
  private final Map<Subscriber, Set<Connection>> perAddress = new HashMap<>();

  /** Where clients have logged in from; nobody without a credential can push one out. */
  private final Map<Subscriber, Boolean> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subscriber, Boolean> eldest) {
          return size() > MAX_KNOWN_ADDRESSES;
        }
      };

  NewConnections(TunnelLimits.Newcomers limits, LoginBans bans) {
    this.limits = limits;
    this.bans = bans;
  }

  /** Counts this one, and ends others where there are too many now. */
  void admit(Connection newcomer) {
    int mostOfAddress =
        bans.isBanned(newcomer.address().getAddress())
            ? limits.perBannedAddress()
            : limits.perAddress();
    Map<Connection, Duration> excess = new HashMap<>();
    synchronized (this) {
      enter(newcomer);
      while (ofAddress(newcomer.subscriber()).size() > mostOfAddress) {
        excess.put(sendAway(newcomer), MOMENT);
      }
      if (open.size() > limits.inTotal()) {
        end(newcomer).forEach(one -> excess.put(one, Duration.ZERO));
      }
    }
    excess.forEach(this::endUnlessItMoves);
  }

  private void enter(Connection newcomer) {
    boolean isNew = open.add(newcomer);
    boolean isBack = leaving.remove(newcomer);
    if (isNew || isBack) {
      perAddress
          .computeIfAbsent(newcomer.subscriber(), address -> new LinkedHashSet<>())
          .add(newcomer);
    }
  }

  private Set<Connection> ofAddress(Subscriber subscriber) {
    return perAddress.getOrDefault(subscriber, Set.of());
  }

  private Connection sendAway(Connection newcomer) {
    Connection first =
        ofAddress(newcomer.subscriber()).stream()
            .filter(one -> one != newcomer)
            .min(Comparator.comparing(Connection::stage))
            .orElseThrow();
    leaving.add(first);
    removeFromAddress(first);
    return first;
  }

  /** One, and some of those that are no better, oldest first. */
  private List<Connection> end(Connection newcomer) {
    Stream<Rank> ranked =
        leaving.isEmpty()
            ? open.stream().filter(one -> one != newcomer).map(this::rank)
            : leaving.stream().map(one -> new Rank(one, one.stage().ordinal()));
    List<Rank> ranks = ranked.toList();
    long least = ranks.stream().mapToLong(Rank::value).min().orElseThrow();
    List<Connection> first =
        ranks.stream()
            .filter(one -> one.value() == least)
            .limit(1 + limits.inTotal() / PART_AT_ONCE)
            .map(Rank::connection)
            .toList();
    first.forEach(this::leave);
    return first;
  }

  private Rank rank(Connection one) {
    long isKnown = known.containsKey(one.subscriber()) ? 1 : 0;
    long others = limits.inTotal() - ofAddress(one.subscriber()).size();
    return new Rank(one, (isKnown * limits.inTotal() + others) * STAGES + one.stage().ordinal());
  }

  /** Who goes first has the least; seen once, since others go on meanwhile. */
  private record Rank(Connection connection, long value) {}

  /** What has arrived before is read before this runs, even without a delay. */
  private void endUnlessItMoves(Connection excess, Duration delay) {
    Stage seen = excess.stage();
    Runnable end =
        () -> {
          if (!excess.channel().isActive() || excess.stage() == Stage.KNOWN) {
            return;
          }
          if (excess.stage().compareTo(seen) > 0) {
            admit(excess);
          } else {
            excess.makeRoom();
          }
        };
    EventLoop loop = excess.channel().eventLoop();
    if (delay.isZero()) {
      loop.execute(end);
    } else {
      loop.schedule(end, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Somebody has logged in on this connection, which no longer counts. */
  synchronized void loggedIn(Connection connection) {
    known.put(connection.subscriber(), true);
    leave(connection);
  }

  /** Counts it no longer; may be told twice. */
  synchronized void leave(Connection connection) {
    if (open.remove(connection) && !leaving.remove(connection)) {
      removeFromAddress(connection);
    }
  }

  private void removeFromAddress(Connection connection) {
    perAddress.computeIfPresent(
        connection.subscriber(),
        (address, all) -> {
          all.remove(connection);
          return all.isEmpty() ? null : all;
        });
  }

  synchronized int count() {
    return open.size();
  }
}
