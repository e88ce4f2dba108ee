// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.ONE;
import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.TWO;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.gateway.TwoNextclouds.Answer;
import io.github.harp.launcher.gateway.TwoNextclouds.Cloud;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever one of them does with what is its own – its key, tokens, sessions, hosts – and with what
 * is known of the other, nothing of the other is asked, changed, shown or reached. What can be done
 * is taken from the gateway itself: what is new there has no row here, and fails.
 */
@DisplayName("Of two Nextclouds neither touches the other by")
class IsolationTest extends Isolation {

  private static final String NAMED = "{\"name\": \"notes\", \"instance_id\": \"%s\"}";
  private static final String CREATION =
      """
      {"name": "notes", "instance_id": "%1$s", "image_id": "nothing/notes:1", "image": "nothing/notes:1",
       "environment_variables": ["APP_ID=notes", "APP_PORT=23000", "APP_SECRET=s", "HP_SHARED_KEY=k"],
       "mount_points": []}
      """;

  /** What an order says; {@code %s} stands for how the other's objects could be meant. */
  private static final Map<String, String> ORDERS =
      Map.ofEntries(
          entry("GET /heartbeat", ""),
          entry("GET /info", ""),
          entry(
              "POST /exapp_storage/*",
              """
              {"exapp_token": "pushed", "exapp_version": "1", "host": "127.0.0.1", "port": 23000,
               "routes": [{"url": ".*", "access_level": 0, "bruteforce_protection": []}]}
              """),
          entry("DELETE /exapp_storage/*", ""),
          entry("POST /docker/exapp/exists", NAMED),
          entry("POST /docker/exapp/create", CREATION),
          entry("POST /docker/exapp/start", NAMED),
          entry("POST /docker/exapp/stop", NAMED),
          entry("POST /docker/exapp/wait_for_start", NAMED),
          entry(
              "POST /docker/exapp/remove",
              "{\"name\": \"notes\", \"instance_id\": \"%s\", \"remove_data\": true}"),
          entry("POST /docker/exapp/image_remove", "{\"image_ref\": \"nothing/notes:1\"}"),
          entry("POST /docker/exapp/install_certificates", NAMED),
          entry("POST /k8s/exapp/exists", NAMED),
          entry("POST /k8s/exapp/create", CREATION),
          entry("POST /k8s/exapp/start", NAMED),
          entry("POST /k8s/exapp/stop", NAMED),
          entry("POST /k8s/exapp/wait_for_start", NAMED),
          entry(
              "POST /k8s/exapp/remove",
              "{\"name\": \"notes\", \"instance_id\": \"%s\", \"remove_data\": true}"),
          entry("POST /k8s/exapp/install_certificates", NAMED),
          entry(
              "POST /k8s/exapp/expose",
              """
              {"name": "notes", "instance_id": "%s", "port": 23000, "expose_type": "manual",
               "upstream_host": "127.0.0.1"}
              """));

  /** A call that is passed to engines, by its rule. */
  private static final Map<String, String> ENGINE_CALLS =
      Map.of(
          "/_ping", "GET /_ping",
          "/images/{reference}/json", "GET /images/nothing/notes:1/json",
          "/containers/nc_app_{name}/json", "GET /containers/%snotes/json",
          "/containers/nc_app_{name}/logs", "GET /containers/%snotes/logs?tail=1",
          "/images/create", "POST /images/create?fromImage=nothing/notes&tag=1");

  /** By what an instance id could lead to the other's names. */
  private static final List<String> MEANT = List.of("", "two", "two_app", "app", "..");

  // ---- orders

  static Stream<Arguments> orders() {
    return byEach(ORDERS);
  }

  private static Stream<Arguments> byEach(Map<String, ?> table) {
    return table.keySet().stream()
        .sorted()
        .flatMap(row -> Stream.of(Cloud.values()).map(by -> Arguments.of(row, by)));
  }

  @Test
  @DisplayName("an order that has no row here")
  void allOrders() {
    for (var cloud : Cloud.values()) {
      Map<String, Map<String, ?>> routes = inside(served(cloud).orders(), "routes.orders");
      assertThat(
              routes.entrySet().stream()
                  .flatMap(of -> of.getValue().keySet().stream().map(it -> it + " " + of.getKey())))
          .filteredOn(order -> !order.startsWith("HEAD "))
          .containsExactlyInAnyOrderElementsOf(ORDERS.keySet());
    }
  }

  @ParameterizedTest(name = "{0}, an order of {1}")
  @MethodSource("orders")
  void anOrder(String order, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    for (var meant : MEANT) {
      order(order, meant, other.host(), keyed(by.key(), lures(other)));
    }

    assertThat(accessLines(MEANT.size())).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  @ParameterizedTest(name = "{0}, an order by whoever has a session of {1}")
  @MethodSource("orders")
  void anOrderOfAUser(String order, Cloud of) throws Exception {
    var before = List.of(shown(ONE), shown(TWO));

    assertThat(order(order, "", of.host(), lures(of)).status()).isBetween(401, 403);
    assertThat(List.of(shown(ONE), shown(TWO))).isEqualTo(before);
    assertThat(clouds.atEngine).isEmpty();
    assertThat(clouds.atCluster).isEmpty();
    assertThat(clouds.atNextcloud).allSatisfy((cloud, asked) -> assertThat(asked).isEmpty());
    assertThat(accessLines(1)).allMatch(line -> isOf(of, line));
    clouds.admin("DELETE", "/bans", keyed(ONE.key(), Map.of()));
  }

  private Answer order(String order, String meant, String host, Map<String, String> headers)
      throws Exception {
    var parts = order.split(" ");
    var all = new HashMap<>(headers);
    if (parts[1].startsWith("/docker/")) {
      all.put("docker-engine-port", TwoNextclouds.ENGINE);
    }
    return clouds.send(
        new HttpClientOptions(),
        host,
        HttpMethod.valueOf(parts[0]),
        "/exapps/app_api" + parts[1].replace("*", "notes"),
        all,
        ORDERS.get(order).formatted(meant));
  }

  // ---- calls to engines

  static Stream<Arguments> engineCalls() {
    return byEach(ENGINE_CALLS);
  }

  @Test
  @DisplayName("a call to an engine that has no row here")
  void allEngineCalls() throws Exception {
    engineCall(ONE, "GET /no/such/call", TwoNextclouds.ENGINE, Map.of());

    var allowed = accessLines(1).get(0).replaceFirst(".*allowed are ", "");
    assertThat(allowed.split(", ")).containsExactlyInAnyOrderElementsOf(ENGINE_CALLS.keySet());
  }

  @ParameterizedTest(name = "{0}, a call of {1} to an engine")
  @MethodSource("engineCalls")
  void aCallToAnEngine(String rule, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    for (var prefix : List.of("nc_app_", "nc_two_app_", "nc_one_app_", "nc_two_app_app_")) {
      for (var engine : List.of(TwoNextclouds.ENGINE, String.valueOf(ENGINE_PORT))) {
        engineCall(by, ENGINE_CALLS.get(rule).formatted(prefix), engine, lures(other));
      }
    }

    assertThat(clouds.atEngine).as("on the shared engine").isNotEmpty();
    assertThat(clouds.atExApp.get(by)).as("on the engine that has dialled in").isNotEmpty();
    assertThat(clouds.atExApp.get(by)).allMatch(call -> areOf(by, call));
    assertThat(accessLines(8)).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  private void engineCall(Cloud by, String call, String engine, Map<String, String> headers)
      throws Exception {
    var parts = call.split(" ");
    var all = keyed(by.key(), headers);
    all.put("docker-engine-port", engine);
    clouds.send(
        new HttpClientOptions(),
        by.other().host(),
        HttpMethod.valueOf(parts[0]),
        "/exapps/app_api" + parts[1],
        all,
        "");
  }

  // ---- requests

  /** How a request comes. */
  enum Transport {
    HTTP_1,
    HTTP_2,
    WEBSOCKET
  }

  static Stream<Arguments> requests() {
    return Stream.of(Transport.values())
        .flatMap(
            transport ->
                Stream.of(AccessLevel.values())
                    .flatMap(
                        level ->
                            Stream.of(Cloud.values())
                                .map(by -> Arguments.of(transport, level, by))));
  }

  @ParameterizedTest(name = "a request by {0} for a route for {1} with a session of {2}")
  @MethodSource("requests")
  void aRequest(Transport transport, AccessLevel level, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(by);
    var path = "/exapps/notes/" + TwoNextclouds.path(level);

    assertThat(ask(transport, other.host(), path, lures(by)))
        .isEqualTo(level == AccessLevel.PUBLIC ? "200 " + other : "403");
    assertThat(accessLines(1)).allMatch(line -> isOf(other, line));
    assertThat(clouds.atExApp.get(other))
        .hasSize(level == AccessLevel.PUBLIC ? 1 : 0)
        .allMatch(it -> it.contains(as("", other)));
    assertUntouched(by, before);

    assertThat(ask(transport, by.host(), path, lures(by))).isEqualTo("200 " + by);
  }

  @ParameterizedTest(name = "a request by {0} for a route for {1} that {2} has signed")
  @MethodSource("requests")
  void aSignedRequest(Transport transport, AccessLevel level, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    var headers = keyed(by.key(), lures(other));
    headers.putAll(
        Map.of(
            "ex-app-id", "notes",
            "ex-app-version", "1.0.0",
            "ex-app-host", "127.0.0.1",
            "ex-app-port", String.valueOf(TwoNextclouds.PORT),
            "authorization-app-api", base64("root:" + by.secret())));

    assertThat(ask(transport, other.host(), "/exapps/notes/" + TwoNextclouds.path(level), headers))
        .isEqualTo("200 " + by);
    assertThat(accessLines(1)).allMatch(line -> isOf(by, line));
    assertUntouched(other, before);
  }

  /** The status, and the name that the ExApp says if it is asked. */
  private String ask(Transport transport, String host, String path, Map<String, String> headers)
      throws Exception {
    var options = new HttpClientOptions();
    if (transport == Transport.WEBSOCKET) {
      return connect(host, path, headers);
    }
    if (transport == Transport.HTTP_2) {
      options.setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
    }
    var answer = clouds.send(options, host, HttpMethod.GET, path, headers, "");
    return answer.status() == 200 ? "200 " + answer.body() : String.valueOf(answer.status());
  }

  private String connect(String host, String path, Map<String, String> headers) throws Exception {
    var client = clouds.vertx.createWebSocketClient();
    try {
      return TwoNextclouds.get(
          client
              .connect(
                  TwoNextclouds.asking(
                          new WebSocketConnectOptions(),
                          clouds.port(),
                          "127.0.0.1:" + clouds.port(),
                          path,
                          headers)
                      .putHeader("host", host))
              .compose(
                  socket -> {
                    var said = Promise.<String>promise();
                    socket.textMessageHandler(text -> said.tryComplete("200 " + text));
                    return said.future().eventually(socket::close);
                  })
              .recover(
                  failure ->
                      failure instanceof UpgradeRejectedException refused
                          ? Future.succeededFuture(String.valueOf(refused.getStatus()))
                          : Future.failedFuture(failure)));
    } finally {
      TwoNextclouds.get(client.close());
    }
  }

  // ---- tunnels

  /** What a client shows at its login. */
  enum Credential {
    KEY {
      @Override
      String of(Cloud cloud) {
        return cloud.key();
      }
    },
    TOKEN {
      @Override
      String of(Cloud cloud) {
        return new HmacTunnelTokens(SharedKey.of(cloud.key()))
            .mint(Deployment.of(new AppId("notes"), Secret.of(cloud.secret())), TwoNextclouds.PORT);
      }
    };

    abstract String of(Cloud cloud);
  }

  static Stream<Arguments> tunnels() {
    return Stream.of(Cloud.values())
        .flatMap(
            by ->
                Stream.of(
                    Arguments.of(Credential.KEY, TwoNextclouds.PORT, by),
                    Arguments.of(Credential.TOKEN, TwoNextclouds.PORT, by),
                    Arguments.of(Credential.KEY, ENGINE_PORT, by)));
  }

  @ParameterizedTest(name = "a tunnel with a {0} on port {1}, of {2}")
  @MethodSource("tunnels")
  void aTunnel(Credential credential, int port, Cloud by) throws Exception {
    var other = by.other();
    var before = shown(other);
    clouds.hangUp(by);
    await().until(() -> shown(by).get(2).equals(List.of()));
    try {
      assertThat(clouds.ask(by.host(), "/exapps/notes/public", Map.of()).status())
          .as("not through the other's")
          .isEqualTo(503);
      clouds.dialIn(by, credential.of(by), port);

      assertUntouched(other, before);
    } finally {
      clouds.hangUp(by);
      dialIn(by);
    }
  }
}
