// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.operations.metrics.TunnelClientMetrics;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.TunnelClientStatus.Proxy;
import io.github.harp.tunnel.client.TunnelClientStatus.Visitor;
import io.github.harp.tunnel.client.TunnelClientStatus.Went;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where a tunnel client says which way bytes go, and why not the other: {@code /status} in JSON,
 * {@code /metrics} for Prometheus. Whoever reaches it may read it: it holds no secret, and nothing
 * can be changed there.
 */
public final class TunnelClientEndpoint implements AutoCloseable {

  private static final int IDLE_SECONDS = 30;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Supplier<TunnelClientStatus> status;

  /** One that does not listen yet. */
  public TunnelClientEndpoint(Supplier<TunnelClientStatus> status) {
    this.status = status;
    TunnelClientMetrics.show(status, registry, Ticker.systemTicker());
  }

  /** Listens; the port that it got. */
  public Future<Integer> listen(ListenAddress address) {
    return vertx
        .createHttpServer(new HttpServerOptions().setIdleTimeout(IDLE_SECONDS))
        .requestHandler(this::answer)
        .listen(address.port(), address.host())
        .map(HttpServer::actualPort);
  }

  @Override
  public void close() {
    vertx.close();
  }

  private void answer(HttpServerRequest request) {
    var asked = request.method().equals(HttpMethod.GET) ? request.path() : "";
    switch (asked) {
      case "/metrics" ->
          say(request, 200, "text/plain; version=0.0.4; charset=utf-8", registry.scrape());
      case "/status" ->
          say(request, 200, "application/json", json(status.get()).encodePrettily() + "\n");
      default -> say(request, 404, "text/plain", "expected GET /status or GET /metrics\n");
    }
  }

  private static void say(HttpServerRequest request, int code, String type, String text) {
    request.response().setStatusCode(code).putHeader("content-type", type).end(text);
  }

  static JsonObject json(TunnelClientStatus status) {
    return new JsonObject()
        .put("state", status.state().name().toLowerCase(Locale.ROOT))
        .put("since", status.since().toString())
        .put("logins", status.logins())
        .put("last_failure", status.lastFailure().orElse(""))
        .put("proxies", list(status.proxies(), TunnelClientEndpoint::json))
        .put("visitors", list(status.visitors(), TunnelClientEndpoint::json));
  }

  private static <T> JsonArray list(Collection<T> all, Function<T, JsonObject> json) {
    return all.stream().map(json).collect(JsonArray::new, JsonArray::add, JsonArray::addAll);
  }

  private static JsonObject json(Proxy proxy) {
    var straight = proxy.straight();
    return new JsonObject()
        .put("name", proxy.name())
        .put("target", proxy.target())
        .put("state", proxy.state().name().toLowerCase(Locale.ROOT))
        .put("address", proxy.remoteAddress())
        .put("error", proxy.error())
        .put("here", proxy.openConnections())
        .put("came", proxy.connections())
        .put("failed", proxy.failedConnections())
        .put(
            "straight",
            new JsonObject()
                .put("here", straight.here())
                .put("came", straight.came())
                .put("missed", straight.missed())
                .put("last_miss", straight.lastMiss()));
  }

  private static JsonObject json(Visitor visitor) {
    return new JsonObject()
        .put("name", visitor.name())
        .put("service", visitor.service())
        .put("type", visitor.way().name().toLowerCase(Locale.ROOT))
        .put("address", visitor.address().map(Object::toString).orElse(""))
        .put("why_not_straight", visitor.whyNotStraight())
        .put("here", visitor.here())
        .put("straight", json(visitor.straight()))
        .put("relayed", json(visitor.relayed()))
        .put("failed", visitor.failed())
        .put("last_failure", visitor.lastFailure());
  }

  private static JsonObject json(Went went) {
    return new JsonObject().put("users", went.users()).put("bytes", went.bytes());
  }
}
