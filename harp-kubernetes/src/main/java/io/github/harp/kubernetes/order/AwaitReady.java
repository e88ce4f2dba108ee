// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.order;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Waits until a started ExApp is ready, or can't become so. Its pods are listed and then watched;
 * with each change, and whenever a watch has ended, they are listed anew, so that nothing is missed
 * while the API server starts again. Contract 8.5.
 */
public final class AwaitReady {

  /** What a watch does not tell, such as a change of the Deployment, is seen this much later. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  /** A burst of changes is looked at once. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final Duration AFTER_BROKEN = Duration.ofSeconds(1);
  private static final int MANY = 3;

  /** How long an API server that was there may be away. */
  private static final Duration AWAY = Duration.ofSeconds(60);

  private final ClusterApi api;
  private final StartLimits limits;
  private final Markings markings;
  private final Semaphore changes = new Semaphore(0);
  private boolean seen;
  private boolean wasAway;
  private volatile boolean broken;
  private int brokenInARow;

  public AwaitReady(ClusterApi api, ExAppName name, StartLimits limits) {
    this.api = api;
    this.limits = limits;
    this.markings = new Markings(name);
  }

  public StartOutcome run() throws InterruptedException {
    var stage = PodReport.Stage.POD;
    var deadline = Deadline.in(limits.of(stage), Ticker.systemTicker());
    while (true) {
      var look = look();
      var outcome = look.report().outcome();
      if (outcome.isPresent()) {
        return outcome.get();
      }
      if (look.report().stage() != stage) {
        stage = look.report().stage();
        deadline = Deadline.in(limits.of(stage), Ticker.systemTicker());
      }
      if (deadline.isOver()) {
        return look.report().timeout();
      }
      awaitChange(look.version(), deadline);
    }
  }

  /** The version is that of the list of pods, from which on changes are to be told. */
  private record Look(PodReport report, String version) {}

  private Look look() throws InterruptedException {
    var away = Deadline.in(AWAY, Ticker.systemTicker());
    while (true) {
      try {
        var pods = api.pods(markings.deployment()).list();
        seen = true;
        var newest = PodReport.newest(pods.getItems());
        return new Look(
            new PodReport(newest, newest.isPresent() ? Optional.empty() : api.deployed(markings)),
            pods.getMetadata().getResourceVersion());
      } catch (KubernetesClientException e) {
        // One that starts again is away, and then for a moment forbids what it allowed before.
        wasAway |= ClusterErrors.isWithoutAnswer(e);
        if (!wasAway && !seen || Thread.currentThread().isInterrupted() || away.isOver()) {
          throw e;
        }
      }
      away.pause(Duration.ofSeconds(1));
    }
  }

  private void awaitChange(String version, Deadline deadline) throws InterruptedException {
    changes.drainPermits();
    broken = false;
    try (var watch = watch(version)) {
      var nanos = deadline.within(LOOK_AGAIN).remainingNanos();
      changes.tryAcquire(Math.max(1, nanos), TimeUnit.NANOSECONDS);
    } catch (KubernetesClientException e) {
      broken = true;
    }
    brokenInARow = broken ? brokenInARow + 1 : 0;
    if (brokenInARow == MANY) {
      hearWhy();
    }
    deadline.pause(broken ? AFTER_BROKEN : PAUSE);
  }

  /** The client tells that a watch has ended, and not why; a plain request does. */
  private void hearWhy() {
    brokenInARow = 0;
    api.client()
        .raw(
            "/api/v1/namespaces/%s/pods?watch=true&timeoutSeconds=1&labelSelector=%s%%3D%s"
                .formatted(api.client().getNamespace(), Markings.APP, markings.deployment()));
  }

  private Watch watch(String version) {
    return api.pods(markings.deployment())
        .watch(
            new ListOptionsBuilder()
                .withResourceVersion(version)
                .withTimeoutSeconds(LOOK_AGAIN.toSeconds() * 2)
                .build(),
            new Watcher<Pod>() {
              @Override
              public void eventReceived(Action action, Pod pod) {
                changes.release();
              }

              @Override
              public void onClose(WatcherException cause) {
                broken = true;
                changes.release();
              }
            });
  }
}
