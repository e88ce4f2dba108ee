// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.ONE;
import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.TWO;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.ban.Bans;
import io.github.harp.launcher.gateway.TwoNextclouds.Cloud;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same of what operators and administrators see: a call without a row here fails, too. */
@DisplayName("Of two Nextclouds neither sees the other by")
class PageIsolationTest extends Isolation {

  /** What the operator's entrance shows: to whom it is open, and the operator is the first. */
  private static final Map<String, Integer> ADMIN =
      Map.ofEntries(
          entry("GET /", 200),
          entry("GET /icon.svg", 200),
          entry("GET /page.css", 200),
          entry("GET /page.js", 200),
          entry("GET /uplot.css", 200),
          entry("GET /uplot.js", 200),
          entry("GET /heartbeat", 200),
          entry("GET /ready", 200),
          entry("GET /metrics", 200),
          entry("GET /session", 401),
          entry("GET /events", 401),
          entry("GET /status", 401),
          entry("GET /doctor", 401),
          entry("GET /routes", 401),
          entry("GET /bans", 401),
          entry("DELETE /bans", 401),
          entry("DELETE /bans/:address", 401),
          entry("GET /why", 401),
          entry("POST /sign-in", 401),
          entry("POST /sign-out", 401));

  /** Those of the address alone, which is the operator's. */
  private static final Set<String> OF_THE_PORT =
      Set.of("GET /heartbeat", "GET /ready", "GET /metrics");

  /** What is asked for there, about the first. */
  private static final Map<String, String> QUERIES =
      Map.of(
          "GET /why", "?url=http://one.example/exapps/notes/public",
          "GET /routes", "?nextcloud=&exapp=notes");

  private int callers;

  // ---- the operator's entrance

  @Test
  @DisplayName("a call of the operator that has no row here")
  void allOfTheOperator() {
    assertThat(routes(clouds.gateway(), "admin.endpoint.server"))
        .containsExactlyInAnyOrderElementsOf(ADMIN.keySet());
  }

  private static List<String> routes(Object of, String server) {
    HttpServer at = inside(of, server);
    return ((Router) at.requestHandler())
        .getRoutes().stream()
            .filter(route -> route.getPath() != null)
            .flatMap(route -> route.methods().stream().map(it -> it + " " + route.getPath()))
            .toList();
  }

  static Stream<String> operators() {
    return ADMIN.keySet().stream().sorted();
  }

  @ParameterizedTest(name = "{0}, a call of the operator")
  @MethodSource("operators")
  void aCallOfTheOperator(String call) throws Exception {
    var parts = call.split(" ");
    var before = List.of(shown(ONE), shown(TWO));
    var headers = keyed(TWO.key(), lures(ONE));
    var path = parts[1].replace(":address", "203.0.113.9");

    // So many wrong keys would be too many of one address.
    var answer =
        clouds.admin(
            new HttpClientOptions().setLocalAddress("127.0.1." + ++callers),
            parts[0],
            path,
            headers);

    assertThat(answer.status()).isEqualTo(ADMIN.get(call));
    assertThat(answer.body())
        .doesNotContain(ONE.host(), TWO.host(), ONE.key(), TWO.key(), ONE.secret(), TWO.secret());
    assertThat(List.of(shown(ONE), shown(TWO))).isEqualTo(before);
  }

  // ---- the page at the public name

  static Stream<String> pages() {
    return ADMIN.keySet().stream().filter(call -> !OF_THE_PORT.contains(call)).sorted();
  }

  @Test
  @DisplayName("a call of an administrator that has no row here")
  void allOfAdministrators() {
    Optional<?> page = inside(clouds.gateway(), "admin.page");
    assertThat(routes(page.orElseThrow(), "server"))
        .containsExactlyInAnyOrderElementsOf(pages().toList());
  }

  /** Of the second: the first is the operator's, who sees all. */
  @ParameterizedTest(name = "{0}, a call of an administrator")
  @MethodSource("pages")
  void aCallOfAnAdministrator(String call) throws Exception {
    var banned = Map.of("x-forwarded-for", "203.0.113.77", "sec-fetch-mode", "navigate");
    for (var i = 0; i < Bans.COUNT; i++) {
      clouds.ask(ONE.host(), "/exapps/notes/no-route", banned);
    }
    var before = shown(ONE);
    for (var sessionAt : Cloud.values()) {
      var said = callAsTwo(call, sessionAt);
      assertThat(said)
          .doesNotContain(ONE.host(), ONE.key(), TWO.key(), ONE.secret(), TWO.secret())
          .doesNotContain("203.0.113.77", ":" + clouds.nextcloudPort(ONE));
    }
    assertThat(shown(ONE)).isEqualTo(before);
    assertThat(before.get(3)).asString().contains("users 203.0.113.77");
  }

  /** What the second is told with a session that was begun at its own host, and with its key. */
  private String callAsTwo(String call, Cloud at) throws Exception {
    var from = Map.of("x-forwarded-for", "198.51.100." + ++callers);
    var session = new HashMap<>(from);
    session.putAll(signedIn(from));
    return callPage(call, at, session) + callPage(call, at, keyed(TWO.key(), from));
  }

  private String callPage(String call, Cloud at, Map<String, String> headers) throws Exception {
    var parts = call.split(" ");
    var path = parts[1].replace(":address", "203.0.113.77") + QUERIES.getOrDefault(call, "");
    return page(at, parts[0], path, headers, call.endsWith("/events") ? this::begun : this::whole);
  }

  private Map<String, String> signedIn(Map<String, String> from) throws Exception {
    return page(
        TWO,
        "POST",
        "/sign-in",
        from,
        answer ->
            whole(answer)
                .map(
                    body ->
                        Map.of(
                            "cookie",
                            answer.getHeader("set-cookie").split(";")[0],
                            "harp-csrf",
                            new JsonObject(body).getString("token"))));
  }

  private <T> T page(
      Cloud at,
      String method,
      String path,
      Map<String, String> headers,
      Function<HttpClientResponse, Future<T>> read)
      throws Exception {
    var client = clouds.vertx.createHttpClient();
    var request = new RequestOptions().setMethod(HttpMethod.valueOf(method));
    TwoNextclouds.asking(request, clouds.port(), at.host(), "/exapps/app_api/harp" + path, headers);
    return TwoNextclouds.get(
        client
            .request(request)
            .compose(it -> it.send("key=" + TWO.key()).compose(read))
            .eventually(client::close));
  }

  private Future<String> whole(HttpClientResponse answer) {
    return answer.body().map(Buffer::toString);
  }

  /** Up to the first event of an answer that does not end. */
  private Future<String> begun(HttpClientResponse answer) {
    if (answer.statusCode() != 200) {
      return whole(answer);
    }
    var said = Buffer.buffer();
    var event = Promise.<String>promise();
    answer.handler(
        part -> {
          said.appendBuffer(part);
          if (said.toString().contains("\ndata:") && said.toString().endsWith("\n\n")) {
            event.tryComplete(said.toString());
          }
        });
    return event.future();
  }
}
