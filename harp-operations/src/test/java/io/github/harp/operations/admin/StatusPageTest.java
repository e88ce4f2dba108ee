// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import static io.github.harp.operations.EmbeddedGateway.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.FakeRequest;
import io.github.harp.operations.EmbeddedGateway;
import io.github.harp.proxy.OwnPages;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the page's server lets happen; how it looks is for a browser to say. */
class StatusPageTest {

  private final EmbeddedGateway gateway = new EmbeddedGateway();

  @AfterEach
  void stop() {
    gateway.close();
  }

  private HttpResponse<String> signIn(String key, String... headers) throws Exception {
    return gateway.post(
        "/sign-in",
        "key=" + key.replace(" ", "+"),
        Stream.concat(
                Stream.of("content-type", "application/x-www-form-urlencoded"), Stream.of(headers))
            .toArray(String[]::new));
  }

  private static String cookie(HttpResponse<String> answer) {
    return answer.headers().firstValue("set-cookie").orElse("").split(";")[0];
  }

  private static String token(HttpResponse<String> answer) {
    return new JsonObject(answer.body()).getString("token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.js", "/page.css", "/uplot.js", "/uplot.css", "/icon.svg"})
  void itsFilesSayNothingAndBringNothingFromElsewhere(String path) throws Exception {
    var answer = gateway.ask("GET", path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isNotEmpty().doesNotContain(KEY, "src=\"http", "url(http");
    assertThat(answer.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.headers().map())
        .containsKeys("x-frame-options", "x-content-type-options", "referrer-policy");
  }

  @Test
  void isSmall() throws Exception {
    long bytes = 0;
    for (var path : new String[] {"/", "/page.js", "/page.css", "/uplot.js", "/uplot.css"}) {
      bytes += gateway.ask("GET", path).body().length();
    }
    assertThat(bytes).isLessThan(150_000);
  }

  @Test
  void noScriptAndNoStyleStandsInThePage() throws Exception {
    assertThat(gateway.ask("GET", "/").body())
        .doesNotContain("<style", " style=", " onclick", "javascript:")
        .containsPattern("<script src=\"page.js\" defer></script>");
  }

  @Test
  void theKeyOpensASessionThatNoScriptAndNoOtherWebsiteHas() throws Exception {
    var answer = signIn(KEY);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("set-cookie").orElse(""))
        .startsWith("harp-session=")
        .containsIgnoringCase("HttpOnly")
        .contains("SameSite=Strict", "Path=/");
    assertThat(gateway.ask("GET", "/status", "cookie", cookie(answer)).statusCode()).isEqualTo(200);
    assertThat(gateway.ask("GET", "/session", "cookie", cookie(answer)).body())
        .isEqualTo(new JsonObject().put("token", token(answer)).encode());
  }

  @Test
  void aSessionIsNewWithEachSignIn() throws Exception {
    var planted = "harp-session=planted-by-somebody-else";
    var first = signIn(KEY, "cookie", planted);
    var second = signIn(KEY, "cookie", cookie(first));

    assertThat(cookie(first)).isNotEqualTo(planted);
    assertThat(cookie(second)).isNotEqualTo(cookie(first));
    assertThat(gateway.ask("GET", "/status", "cookie", planted).statusCode()).isEqualTo(401);
    assertThat(gateway.ask("GET", "/status", "cookie", cookie(first)).statusCode()).isEqualTo(401);
  }

  @Test
  void whatChangesSomethingNeedsTheTokenToo() throws Exception {
    gateway.bans.users().record(FakeRequest.address("203.0.113.7"), "A_TEST");
    var in = signIn(KEY);
    var other = signIn(KEY);

    for (var wrong : new String[] {"", "guess", token(other)}) {
      var refused =
          gateway.ask("DELETE", "/bans/203.0.113.7", "cookie", cookie(in), "harp-csrf", wrong);
      assertThat(refused.statusCode()).isEqualTo(403);
    }
    assertThat(gateway.bans.users().entries()).hasSize(1);

    var done =
        gateway.ask("DELETE", "/bans/203.0.113.7", "cookie", cookie(in), "harp-csrf", token(in));

    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(gateway.bans.users().entries()).isEmpty();
  }

  @Test
  void whoSignsOutIsOut() throws Exception {
    var in = signIn(KEY);
    gateway.post("/sign-out", "", "cookie", cookie(in), "harp-csrf", token(in));

    assertThat(gateway.ask("GET", "/status", "cookie", cookie(in)).statusCode()).isEqualTo(401);
    assertThat(gateway.ask("GET", "/session", "cookie", cookie(in)).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource({
    "origin, http://evil.example",
    "origin, null",
    "sec-fetch-site, cross-site",
    "sec-fetch-site, same-site",
    "sec-fetch-site, none",
  })
  void nobodyIsSignedInByAnotherWebsite(String header, String value) throws Exception {
    var answer = signIn(KEY, header, value);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(cookie(answer)).isEmpty();
  }

  @Test
  void whoGuessesIsNotListenedToForAWhile() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(signIn("guess" + i).statusCode()).isEqualTo(401);
      assertThat(gateway.ask("GET", "/status", "harp-shared-key", "g" + i).statusCode())
          .isEqualTo(401);
    }

    var refused = signIn(KEY);

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("retry-after")).isPresent();
    assertThat(gateway.ask("GET", "/status", "harp-shared-key", KEY).statusCode()).isEqualTo(429);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/page.js", "/session", "/status", "/nothing"})
  void otherProgramsFindNothingWhereTheGatewayPassesThingsOn(String path) throws Exception {
    int port = gateway.open(new OwnPages());

    assertThat(gateway.ask("GET", port, path).statusCode()).isEqualTo(404);
    assertThat(
            gateway
                .ask(
                    "GET",
                    port,
                    path,
                    "harp-page-pass",
                    "a guess",
                    "harp-page-client",
                    "127.0.0.1",
                    "harp-page-nextcloud",
                    "")
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  @DisplayName(
      "S14: who goes away in the middle of a sign-in, or sends nonsense, is no stack trace")
  void whatStrangersSendIsNoTrace() throws Exception {
    var log = (Logger) LoggerFactory.getLogger("io.vertx.ext.web");
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    log.addAppender(lines);
    try (var socket = new Socket("127.0.0.1", gateway.adminPort())) {
      socket.setSoTimeout(30_000);
      var half = "POST /sign-in HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nkey=";
      socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(signIn("%zz%").statusCode()).isEqualTo(400);
      assertThat(signIn("&a=b".repeat(300)).statusCode()).isEqualTo(400);

      assertThat(lines.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
    } finally {
      log.detachAppender(lines);
    }
  }

  @Test
  void aSignInIsSmall() throws Exception {
    assertThat(signIn("x".repeat(5_000)).statusCode()).isEqualTo(413);
    assertThat(gateway.post("/sign-in", "").statusCode()).isEqualTo(401);
  }

  @Test
  void whatHappensIsForThoseInside() throws Exception {
    assertThat(gateway.ask("GET", "/events").statusCode()).isEqualTo(401);
    assertThat(gateway.events("cookie", cookie(signIn(KEY))))
        .startsWith("event: history")
        .anyMatch(line -> line.startsWith("data: {\"version\":\"7.5.3\""));
  }

  @Test
  @DisplayName("S13: a wrong key at the public name waits with those of all others")
  void wrongKeysAtThePublicNameWaitWithAllOthers() throws Exception {
    var pages = new OwnPages();
    int port = gateway.open(pages);
    var all = pages.wrongKeys();
    long now = System.nanoTime();
    for (int waiting = 0; waiting < 1_000; ) {
      waiting += all.afterOne(now).orElseThrow().isZero() ? 0 : 1;
    }

    assertThat(askAsPassedOn(pages, port, "guess").statusCode()).isEqualTo(429);
    assertThat(askAsPassedOn(pages, port, KEY).statusCode()).isEqualTo(200);

    all.waited();
    assertThat(askAsPassedOn(pages, port, "guess").statusCode()).isEqualTo(401);
    assertThat(Duration.ofNanos(System.nanoTime() - now)).isGreaterThan(Duration.ofSeconds(2));
    assertThat(all.afterOne(now)).as("there is room again").isPresent();
  }

  private HttpResponse<String> askAsPassedOn(OwnPages pages, int port, String key)
      throws Exception {
    var client = FakeRequest.address("203.0.113.7");
    var instance =
        Instance.of(SharedKey.of(KEY), new FakeNextcloud(), gateway.bans, Ticker.systemTicker());
    var headers = new DefaultHttpHeaders().add("harp-shared-key", key);
    pages.stamp(
        headers,
        new Verdict(
            new Decision.OwnPage("status"), instance, Reason.OWN_PAGE, client, false, false));
    return gateway.ask(
        "GET",
        port,
        "/status",
        headers.entries().stream()
            .flatMap(header -> Stream.of(header.getKey(), header.getValue()))
            .toArray(String[]::new));
  }
}
