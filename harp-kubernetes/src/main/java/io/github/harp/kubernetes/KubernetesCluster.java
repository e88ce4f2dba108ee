// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.core.HarpException.Code.BUSY;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.LocatedNextcloud;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderDesk;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.core.runtime.orders.OrderTimes;
import io.github.harp.core.runtime.orders.OrderTimes.Limit;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.kubernetes.api.ClusterConnection;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.order.StartLimits;
import io.github.harp.kubernetes.way.Rediscovery;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Runs ExApps in one namespace of a Kubernetes cluster, and knows the way to them.
 *
 * <p>The API server is asked with the first order, and only then. Thread-safe; nothing but {@link
 * #close(Duration)} blocks.
 */
public final class KubernetesCluster implements AutoCloseable {

  /** Each wait for a start has a thread for as long as an image takes. */
  private static final int WORKERS = 64;

  private static final long IDLE_THREAD_SECONDS = 5;
  private static final int QUESTIONS = 4;
  private static final int MAX_QUESTIONS = 1_024;
  private static final int MAX_KNOWN = 10_000;
  private static final Duration PER_QUESTION = Duration.ofSeconds(10);
  private static final Duration PER_GLANCE = Duration.ofSeconds(3);

  /** AppAPI waits 3700 s for a start in a cluster, which has the image to pull. */
  static final OrderTimes TIMES =
      new OrderTimes(
          Limit.seconds(15, 15),
          Limit.seconds(30, 90),
          Limit.seconds(30, 30),
          Limit.seconds(30, 3_690),
          Limit.seconds(30, 60),
          Limit.seconds(30, 60),
          Limit.seconds(30, 30),
          Duration.ofSeconds(90),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10));

  /**
   * How ExApps dial in, where the cluster's network is not reached from here.
   *
   * @param credentials tell an ExApp that it is to dial in, and where; or leave its environment as
   *     it is
   * @param files what those show that dial in
   */
  public record DialIn(ExAppCredentials credentials, TunnelFiles files) {}

  private final ClusterSettings settings;
  private final ClusterConnection connection;
  private final OrderDesk desk;
  private final ExecutorService questions;

  /** Ids of ExApps of which the cluster has, or had, something. */
  private final Cache<AppId, Boolean> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /** Orders that have made what is there, by its name. */
  private final Cache<String, String> finished =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /**
   * @param dialIn how its ExApps do
   * @param vertx what calls run on; stays open
   * @param timers for limits; may be Vert.x' event loops
   * @param observer is told of each order when it is over
   * @param locks what keeps other nodes off
   */
  public KubernetesCluster(
      ClusterSettings settings,
      DialIn dialIn,
      Vertx vertx,
      ScheduledExecutorService timers,
      OrderObserver observer,
      OrderLocks locks) {
    this(settings, dialIn, vertx, timers, observer, locks, TIMES, new StartLimits());
  }

  KubernetesCluster(
      ClusterSettings settings,
      DialIn dialIn,
      Vertx vertx,
      ScheduledExecutorService timers,
      OrderObserver observer,
      OrderLocks locks,
      OrderTimes times,
      StartLimits startLimits) {
    this.settings = settings;
    this.connection = new ClusterConnection(settings, vertx);
    this.questions = workers("harp-cluster", QUESTIONS, MAX_QUESTIONS);
    this.desk =
        new OrderDesk(
            Place.CLUSTER,
            limit ->
                new KubernetesHost(
                    connection.open(limit.perCall()),
                    settings.standards(),
                    dialIn,
                    finished.asMap(),
                    limit,
                    startLimits),
            times,
            observer,
            locks,
            workers("harp-order-cluster", WORKERS, Integer.MAX_VALUE),
            timers,
            Ticker.systemTicker());
  }

  /** Takes AppAPI's orders. */
  public ExAppRuntime runtime() {
    return desk;
  }

  /** This cluster, and engines beside it. */
  public ExAppRuntimes beside(ExAppRuntimes engines) {
    return new Places(engines, this);
  }

  /** What this Nextcloud says, but for where its ExApps are: the cluster knows better. */
  public Nextcloud locating(Nextcloud nextcloud) {
    return new LocatedNextcloud(nextcloud, this::located);
  }

  /** How the cluster is now. */
  public Future<ClusterState> state() {
    var address = settings.apiServer().orElse("");
    return ask(() -> connection.open(PER_GLANCE).client().raw("/api") != null)
        .otherwise(false)
        .map(reachable -> new ClusterState(address, reachable));
  }

  /**
   * The ExApp, where it is reached: in the cluster, if it is there, and otherwise where Nextcloud
   * says. While the cluster does not answer that holds for one on this host, too, of which the
   * cluster never had anything (W24); for others it fails.
   */
  public Future<ExApp> located(ExApp exApp) {
    var id = exApp.id().inLowerCase();
    return ask(() -> new Rediscovery(connection.open(PER_QUESTION), id).run())
        .map(
            found -> {
              if (found.isInCluster()) {
                known.put(id, true);
              }
              return found.address().map(exApp::inClusterAt).orElse(exApp);
            })
        .recover(
            failure ->
                exApp.address().isOnThisHost() && known.getIfPresent(id) == null
                    ? Future.succeededFuture(exApp)
                    : Future.failedFuture(failure));
  }

  private <T> Future<T> ask(Supplier<T> question) {
    Promise<T> promise = Promise.promise();
    try {
      questions.execute(
          () -> {
            try {
              promise.complete(question.get());
            } catch (RuntimeException e) {
              promise.fail(ClusterErrors.translate(Place.CLUSTER.toString(), e));
            }
          });
    } catch (RejectedExecutionException e) {
      promise.fail(new HarpException(BUSY, "cluster: too much is being asked, or HaRP stops", e));
    }
    return promise.future();
  }

  private static ExecutorService workers(String name, int threads, int waiting) {
    var workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            new DefaultThreadFactory(name, true));
    workers.allowCoreThreadTimeOut(true);
    return workers;
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
    questions.shutdownNow();
    connection.close();
  }
}
