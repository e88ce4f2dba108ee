// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.Deployment;
import io.github.harp.core.ExApp;
import io.github.harp.core.TunnelTokens.Claim;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelStatus;
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

  /**
   * What outlives a restart.
   *
   * @param opened whether there ever was a tunnel; if not, one is expected of its owners
   * @param anybodys whether there was a tunnel of which nobody knows whose it was
   */
  record Past(boolean opened, boolean anybodys, List<Deployment> owners) {

    static final Past NONE = new Past(false, false, List.of());

    Past {
      owners = List.copyOf(owners);
    }
  }

  /** What was found out for the ExApp that was asked for last: requests for it come in a row. */
  private record Judged(ExApp exApp, Optional<Deployment> reachedAs) {}

  private final Runnable changed;
  private final Deque<Deployment> owners = new ArrayDeque<>();
  private boolean opened;
  private boolean anybodys;
  private TunnelStatus.@Nullable Session session;
  private volatile @Nullable Judged last;

  /**
   * @param changed is told when there is another past to be kept; must not block
   */
  RemotePort(Past past, Runnable changed) {
    this.changed = changed;
    opened = past.opened();
    anybodys = past.anybodys();
    owners.addAll(past.owners());
  }

  synchronized Past past() {
    return new Past(opened, anybodys, List.copyOf(owners));
  }

  synchronized Optional<TunnelIdentity> holder() {
    return Optional.ofNullable(session).map(TunnelStatus.Session::identity);
  }

  /** A tunnel is open; until it is known whose, it may be anybody's. */
  void opened(TunnelStatus.Session client) {
    change(
        () -> {
          session = client;
          opened = true;
          client
              .identity()
              .attachment(Claim.class)
              .ifPresentOrElse(claim -> add(claim.deployment()), () -> anybodys = true);
        });
  }

  /** The tunnel of this client is gone; another may have opened one before that is told. */
  void closed(TunnelStatus.Session client) {
    change(() -> session = session != null && session.id() == client.id() ? null : session);
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
    return judged != null && judged.exApp() == exApp ? judged.reachedAs() : judge(exApp);
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
    if (session != null && TunnelUpstream.mayServe(session.identity(), Optional.of(deployment))) {
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

  private synchronized void change(Runnable change) {
    var before = past();
    change.run();
    last = null;
    if (!before.equals(past())) {
      changed.run();
    }
  }
}
