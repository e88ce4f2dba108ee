// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.tunnels;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExApp;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.watch.Watchers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one remote port: who holds it, whether it ever had a tunnel, and whose tunnels
 * those were. Thread-safe.
 */
final class RemotePort {

  /** Those who come after them push the oldest out: they are not registered any more. */
  static final int MAX_OWNERS = 8;

  /** What was found out for the ExApp that was asked for last: requests for it come in a row. */
  private record Judged(ExApp exApp, Optional<Deployment> reachedAs) {}

  private final int number;
  private final Watchers<Tunnels.Event> watchers;
  private final Ticker ticker;
  private final Deque<Deployment> owners = new ArrayDeque<>();
  private boolean opened;
  private boolean anybodys;
  private volatile Where here = Where.NOWHERE;
  private volatile Where elsewhere = Where.NOWHERE;
  private long session;

  /** When the last tunnel was gone; meaningless before there was one. */
  private volatile long leftAt;

  private volatile boolean isLeft;
  private volatile @Nullable Judged last;

  /**
   * @param watchers what happens is noted for them, in its order
   */
  RemotePort(int number, Past past, Watchers<Tunnels.Event> watchers, Ticker ticker) {
    this.number = number;
    this.watchers = watchers;
    this.ticker = ticker;
    opened = past.opened();
    anybodys = past.anybodys();
    owners.addAll(past.owners());
  }

  synchronized Past past() {
    return new Past(opened, anybodys, List.copyOf(owners));
  }

  Where where() {
    var own = here;
    return own == Where.NOWHERE ? elsewhere : own;
  }

  /** Where it is at other nodes. */
  synchronized void elsewhere(Where where) {
    if (where == Where.NOWHERE && elsewhere != Where.NOWHERE) {
      left();
    }
    elsewhere = where;
  }

  /** A tunnel has ended just now; whose client may be on its way back. */
  void left() {
    leftAt = ticker.read();
    isLeft = true;
  }

  /** Whether there is a tunnel, or was one within this time. */
  boolean isOpenOrWas(Duration within) {
    return where() != Where.NOWHERE || isLeft && ticker.read() - leftAt < within.toNanos();
  }

  /** A tunnel is open; until it is known whose, it may be anybody's. */
  synchronized void opened(long bySession, TunnelHolder by) {
    session = bySession;
    here = new Where.Here(by);
    watchers.note(new Tunnels.Opened(number, by));
    change(
        () -> {
          opened = true;
          by.deployment().ifPresentOrElse(this::add, () -> anybodys = true);
        });
  }

  /** The tunnel of this session is gone; another may have opened one before that is told. */
  synchronized void closed(long bySession) {
    if (session == bySession && here != Where.NOWHERE) {
      left();
      here = Where.NOWHERE;
      watchers.note(new Tunnels.Closed(number));
    }
  }

  /**
   * What another node remembers. It knows better whether a tunnel is anybody's, unless it is one of
   * this node. Its latest owner is news; the earlier ones push none out that are known here, or
   * nodes whose memories are full would exchange them for ever.
   */
  void remember(Past past) {
    change(
        true,
        () -> {
          opened |= past.opened();
          anybodys = past.anybodys() || anybodys && here != Where.NOWHERE;
          var theirs = past.owners();
          for (var i = theirs.size() - 2; i >= 0 && owners.size() < MAX_OWNERS; i--) {
            addEarlier(theirs.get(i));
          }
          if (!theirs.isEmpty() && !owners.contains(theirs.get(theirs.size() - 1))) {
            add(theirs.get(theirs.size() - 1));
          }
        });
  }

  private void addEarlier(Deployment deployment) {
    var isKnown =
        deployment.fingerprint().isEmpty()
            ? owners.stream().anyMatch(deployment::mayBe)
            : owners.contains(deployment);
    if (!isKnown) {
      owners.addFirst(deployment);
    }
  }

  /** This one is to have a tunnel here. */
  void expect(Deployment deployment) {
    change(() -> add(deployment));
  }

  /** A record says that this ExApp is here: if the tunnel that is open may be its, it is. */
  void arrived(ExApp exApp) {
    if (exApp.address().isOnThisHost()) {
      change(() -> claimFor(exApp.deployment()));
    }
  }

  /** As which deployment an ExApp is reached through a tunnel; empty when directly. */
  Optional<Deployment> reachedAs(ExApp exApp) {
    var judged = last;
    if (judged != null && judged.exApp() == exApp) {
      return judged.reachedAs();
    }
    var reachedAs = judge(exApp);
    watchers.tell();
    return reachedAs;
  }

  private synchronized Optional<Deployment> judge(ExApp exApp) {
    arrived(exApp);
    var deployment = exApp.deployment();
    var judged =
        new Judged(
            exApp,
            opened && exApp.address().isOnThisHost() && isOwner(deployment)
                ? Optional.of(deployment)
                : Optional.empty());
    last = judged;
    return judged.reachedAs();
  }

  private void claimFor(Deployment deployment) {
    if (where().holder().filter(by -> by.mayServe(Optional.of(deployment))).isPresent()) {
      anybodys = false;
      add(deployment);
    }
  }

  private boolean isOwner(Deployment deployment) {
    return anybodys || owners.stream().anyMatch(deployment::mayBe);
  }

  /** What is known precisely takes the place of what is known less precisely. */
  private void add(Deployment deployment) {
    if (deployment.fingerprint().isPresent()) {
      owners.removeIf(owner -> owner.fingerprint().isEmpty() && owner.mayBe(deployment));
    }
    owners.remove(deployment);
    owners.addLast(deployment);
    if (owners.size() > MAX_OWNERS) {
      owners.removeFirst();
    }
  }

  private void change(Runnable change) {
    change(false, change);
  }

  private synchronized void change(boolean heard, Runnable change) {
    var before = past();
    change.run();
    last = null;
    if (!before.equals(past())) {
      watchers.note(new Tunnels.Remembered(number, past(), heard));
    }
  }
}
