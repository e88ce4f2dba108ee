// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.vertx5.TlsWarmup;
import io.fabric8.kubernetes.client.vertx5.Vertx5HttpClientFactory;
import io.github.harp.core.HarpException;
import io.github.harp.core.Secret;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The way to the API server. Made with the first call, and anew when the file that its certificate
 * is judged by has changed. Thread-safe.
 */
public final class ClusterConnection implements AutoCloseable {

  private static final int CONNECT_MILLIS = 10_000;

  private final ClusterSettings settings;
  private final Vertx vertx;
  private final Tracing tracing;
  private @Nullable KubernetesClient client;
  private long caAsOf;
  private boolean closed;

  public ClusterConnection(ClusterSettings settings, Vertx vertx, Tracing tracing) {
    this.settings = settings;
    this.vertx = vertx;
    this.tracing = tracing;
  }

  /**
   * The API, for calls that may take so long.
   *
   * @param held is asked before each of them
   * @throws HarpException {@code UNAVAILABLE} naming what is missing
   */
  public ClusterApi open(Duration perCall, OrderLocks.Held held) {
    token();
    return new ClusterApi(client(), held).within(perCall);
  }

  private synchronized KubernetesClient client() {
    if (closed) {
      throw new HarpException(UNAVAILABLE, "cluster: HaRP stops");
    }
    var changed = settings.caFile().toFile().lastModified();
    var current = client;
    if (current == null || changed != caAsOf) {
      // Calls that run on the old one have their own deadlines, and end with it.
      if (current != null) {
        current.close();
      }
      current = connect();
      client = current;
      caAsOf = changed;
    }
    return current;
  }

  private KubernetesClient connect() {
    var factory = new Vertx5HttpClientFactory(vertx);
    factory.setTlsWarmup(TlsWarmup.OFF);
    return new KubernetesClientBuilder()
        .withConfig(config())
        .withHttpClientFactory(factory)
        .withHttpClientBuilderConsumer(this::follow)
        .withTaskExecutor(Runnable::run)
        .build();
  }

  private void follow(HttpClient.Builder builder) {
    if (tracing.isOn()) {
      builder.addOrReplaceInterceptor("traces", new TracedCalls(tracing));
    }
  }

  private Config config() {
    var server =
        settings
            .apiServer()
            .orElseThrow(
                () ->
                    new HarpException(
                        UNAVAILABLE,
                        "cluster: the API server is not known; expected HP_K8S_API_SERVER, or"
                            + " KUBERNETES_SERVICE_HOST as in a pod"));
    var config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(server)
            .withNamespace(settings.namespace())
            .withOauthTokenProvider(this::token)
            .withTrustCerts(!settings.verifyTls())
            .withDisableHostnameVerification(!settings.verifyTls())
            .withConnectionTimeout(CONNECT_MILLIS)
            .withOnlyHttpWatches(true)
            .withHttp2Disable(true);
    if (settings.verifyTls() && Files.exists(settings.caFile())) {
      config.withCaCertFile(settings.caFile().toString());
    }
    return config.build();
  }

  /** The token as it is now. */
  private String token() {
    var token = settings.token();
    var text = token.fixed().map(Secret::reveal).orElseGet(this::tokenInFile).strip();
    if (text.isEmpty()) {
      throw new HarpException(
          UNAVAILABLE,
          "cluster: there is no token; expected one in HP_K8S_BEARER_TOKEN or in the file "
              + token.file());
    }
    return text;
  }

  private String tokenInFile() {
    try {
      return Files.readString(settings.token().file());
    } catch (IOException notThere) {
      return "";
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }
}
