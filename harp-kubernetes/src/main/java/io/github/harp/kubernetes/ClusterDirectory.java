// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.core.HarpException.Code.BUSY;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.ClusterState;
import io.github.harp.core.runtime.LocatedNextcloud;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderLocks.Held;
import io.github.harp.core.runtime.orders.Workers;
import io.github.harp.kubernetes.api.ClusterConnection;
import io.github.harp.kubernetes.api.ClusterErrors;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.way.Rediscovery;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Where in one namespace of a Kubernetes cluster ExApps are. The API server is asked with the first
 * question, and only then. Thread-safe, never blocks.
 */
public final class ClusterDirectory implements AutoCloseable {

  private static final int QUESTIONS = 4;
  private static final int MAX_QUESTIONS = 1_024;
  private static final int MAX_KNOWN = 10_000;
  private static final Duration PER_QUESTION = Duration.ofSeconds(10);
  private static final Duration PER_GLANCE = Duration.ofSeconds(3);

  final ClusterSettings settings;
  final String prefix;
  final ClusterConnection connection;
  private final ExecutorService questions;

  /** Ids of ExApps of which the cluster has, or had, something. */
  private final Cache<AppId, Boolean> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).executor(Runnable::run).build();

  /**
   * Of a Nextcloud whose names begin so. Calls run on {@code vertx}, which stays open.
   *
   * @param tracing follows each call
   */
  public ClusterDirectory(ClusterSettings settings, String prefix, Vertx vertx, Tracing tracing) {
    this.settings = settings;
    this.prefix = prefix;
    this.connection = new ClusterConnection(settings, vertx, tracing);
    this.questions = Workers.upTo(QUESTIONS, MAX_QUESTIONS, "harp-cluster");
  }

  /** What this Nextcloud says, but for where its ExApps are: the cluster knows better. */
  public Nextcloud locating(Nextcloud nextcloud) {
    return new LocatedNextcloud(nextcloud, this::located);
  }

  /** How the cluster is now. */
  Future<ClusterState> state() {
    var address = settings.apiServer().orElse("");
    return ask(() -> connection.open(PER_GLANCE, Held.UNCONTESTED).client().raw("/api") != null)
        .otherwise(false)
        .map(reachable -> new ClusterState(address, reachable));
  }

  /**
   * The ExApp, where it is reached: in the cluster, if it is there, and otherwise where Nextcloud
   * says. While the cluster does not answer that holds for one on this host, too, of which the
   * cluster never had anything (W24); for others it fails.
   */
  Future<ExApp> located(ExApp exApp) {
    var id = exApp.id().inLowerCase();
    var markings = new Markings(new ExAppName(id).beginning(prefix));
    return ask(() ->
            new Rediscovery(connection.open(PER_QUESTION, Held.UNCONTESTED), markings).run())
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

  @Override
  public void close() {
    questions.shutdownNow();
    connection.close();
  }
}
