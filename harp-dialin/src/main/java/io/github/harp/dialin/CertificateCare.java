// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.watch.Watch;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Renews the tunnels' certificates while the gateway runs, and sees to it that ExApps get the new
 * ones: also those that were renewed before the gateway could reach anybody. Thread-safe.
 */
public final class CertificateCare {

  /** How soon an ExApp or engine that comes later gets what was renewed before. */
  private static final Duration CATCH_UP = Duration.ofSeconds(30);

  private final CertificateAuthority authority;
  private final List<CertificateDelivery> deliveries = new CopyOnWriteArrayList<>();
  private final Vertx vertx;
  private final List<Long> timers = new CopyOnWriteArrayList<>();

  CertificateCare(CertificateAuthority authority, Vertx vertx) {
    this.authority = authority;
    this.vertx = vertx;
    authority.onRenewal(files -> deliveries.forEach(delivery -> delivery.renewed(files)));
  }

  /** Brings what was renewed before anybody could be reached, and what is from now on. */
  Watch deliver(CertificateDelivery delivery) {
    deliveries.add(delivery);
    if (!authority.renewedAtOpening().isEmpty()) {
      delivery.renewed(authority.renewedAtOpening());
    }
    return () -> deliveries.remove(delivery);
  }

  /** Renews from now on. */
  public void start() {
    every(CertificateAuthority.CHECK_INTERVAL, this::renew);
    every(CATCH_UP, () -> deliveries.forEach(CertificateDelivery::catchUp));
  }

  /** Renews what is due and takes files that somebody has replaced; returns at once. */
  public void renew() {
    vertx.executeBlocking(authority::renewIfDue);
  }

  /** Renews nothing more; a delivery that has begun goes on. */
  public void stop() {
    timers.forEach(vertx::cancelTimer);
  }

  private void every(Duration interval, Runnable task) {
    timers.add(vertx.setPeriodic(interval.toMillis(), timer -> task.run()));
  }
}
