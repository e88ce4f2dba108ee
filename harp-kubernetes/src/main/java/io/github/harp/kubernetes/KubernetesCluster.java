// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ExApp;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderDesk;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.Workers;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.kubernetes.order.StartLimits;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Runs ExApps in one namespace of a Kubernetes cluster. Thread-safe; nothing but {@link
 * #close(Duration)} blocks.
 */
public final class KubernetesCluster implements AutoCloseable {

  /** Each wait for a start has a thread for as long as an image takes. */
  private static final int WORKERS = 64;

  private static final int MAX_FINISHED = 10_000;

  /**
   * How ExApps dial in, where the cluster's network is not reached from here.
   *
   * @param credentials tell an ExApp where to dial in, or leave its environment as it is
   * @param files what those show that dial in
   */
  public record DialIn(ExAppCredentials credentials, TunnelFiles files) {}

  private final ClusterDirectory directory;
  private final OrderDesk desk;

  /** Orders that have made what is there, by its name. */
  private final Cache<String, String> finished =
      Caffeine.newBuilder().maximumSize(MAX_FINISHED).executor(Runnable::run).build();

  /**
   * @param directory of the same cluster; ends with this
   * @param dialIn how its ExApps do
   * @param timers for limits; may be Vert.x' event loops
   * @param observer is told of each order when it is over
   * @param locks what keeps other nodes off
   */
  public KubernetesCluster(
      ClusterDirectory directory,
      DialIn dialIn,
      ScheduledExecutorService timers,
      OrderObserver observer,
      OrderLocks locks) {
    this(directory, dialIn, timers, observer, locks, OrderTimes.inCluster(), new StartLimits());
  }

  KubernetesCluster(
      ClusterDirectory directory,
      DialIn dialIn,
      ScheduledExecutorService timers,
      OrderObserver observer,
      OrderLocks locks,
      OrderTimes times,
      StartLimits startLimits) {
    this.directory = directory;
    this.desk =
        new OrderDesk(
            Place.CLUSTER,
            (limit, held) ->
                new KubernetesHost(
                    directory.connection.open(limit.perCall(), held),
                    directory.settings.standards(),
                    directory.prefix,
                    dialIn,
                    finished.asMap(),
                    limit,
                    startLimits),
            times,
            observer,
            locks,
            Workers.upTo(WORKERS, Integer.MAX_VALUE, "harp-order-cluster"),
            timers,
            Ticker.systemTicker());
  }

  /** This cluster, and engines beside it. */
  public ExAppRuntimes beside(ExAppRuntimes engines) {
    return new Places(engines, desk, directory);
  }

  /** {@link #close(Duration)} without waiting for orders. */
  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /**
   * Takes no more orders and lets those that run end by themselves for {@code grace}, then makes
   * them undo what they began, which takes at most 1.5 s more.
   */
  public void close(Duration grace) {
    OrderDesk.close(List.of(desk), grace);
    directory.close();
  }

  /** Engines, and the cluster beside them. */
  private record Places(ExAppRuntimes engines, ExAppRuntime inCluster, ClusterDirectory directory)
      implements ExAppRuntimes {

    @Override
    public ExAppRuntime at(Place place) {
      return place.fold(engine -> engines.at(place), () -> inCluster);
    }

    @Override
    public Optional<Place> besideEngines() {
      return Optional.of(Place.CLUSTER);
    }

    @Override
    public Future<Optional<ClusterState>> cluster() {
      return directory.state().map(Optional::of);
    }

    @Override
    public Future<ExApp> located(ExApp exApp) {
      return directory.located(exApp);
    }
  }
}
