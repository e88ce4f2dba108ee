// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.browser;

import static io.github.harp.launcher.gateway.TestSettings.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.Wait;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The status page as a person sees it. */
class StatusPageTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ENTER = "\uE007";
  private static final String TAB = "\uE004";

  /** How far the page as a whole has to be moved to be seen. */
  private static final String SIDEWAYS =
      "document.documentElement.scrollWidth - document.documentElement.clientWidth";

  /** Nextcloud says so. */
  private static final String HOSTILE = "<img src=x onerror=document.title='attacked'>";

  @TempDir Path folder;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path profile;

  private final Vertx vertx = Vertx.vertx();
  private Gateway gateway;
  private Chromium browser;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Chromium.isInstalled(), "Chromium and its driver are not installed");
    var exApp =
        Wait.resultOf(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> request.response().end("hello " + request.getHeader("cookie")))
                .listen(0, "127.0.0.1"));
    var routes = RouteTable.of(List.of(new ExAppRoute("^/open", AccessLevel.PUBLIC, Set.of())));
    var address = new ExAppAddress("127.0.0.1", exApp.actualPort());
    var known = new ExApp(new AppId("llm2"), HOSTILE, address, Secret.of("s"), routes);
    var nextcloud =
        Wait.resultOf(
            vertx
                .createHttpServer()
                .requestHandler(
                    new AppApiDouble(KEY)
                        .exApp(known)
                        .session("nc_session=root", new NcUser("root", AccessLevel.ADMIN)))
                .listen(0, "127.0.0.1"));
    var environment = TestSettings.in(folder);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloud.actualPort());
    environment.put("HP_ADMIN_PUBLIC", "true");
    gateway = Wait.resultOf(TestSettings.start(environment, folder, vertx));
    browser = new Chromium(profile);
    browser.open("http://127.0.0.1:" + gateway.adminPort() + "/");
    browser.awaitText("#door", "Sign in");
  }

  @AfterEach
  void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (gateway != null) {
      Wait.resultOf(gateway.stop(Duration.ZERO));
    }
    Wait.resultOf(vertx.close());
  }

  @Test
  void somebodyFindsOutWhatTheGatewayDoes() throws Exception {
    browser.type("#key", "a guess" + ENTER);
    browser.awaitText("#refusal", "this is not the shared key");
    browser.type("#key", KEY + ENTER);
    browser.awaitText("#state", "Ready, since ");

    var id = request("/exapps/llm2/open").headers().firstValue("x-request-id").orElseThrow();
    request("/exapps/llm2/closed");
    browser.awaitText("#table-ExApps", "llm2");
    browser.awaitText("#table-ExApps", HOSTILE);
    browser.click("#table-ExApps summary");
    browser.awaitText("#table-ExApps .routes", "public: ^/open");
    browser.awaitText("#sum-requests", "failed 0.0");
    browser.awaitText("#table-Bans", "NO_ROUTE 1×");
    browser.awaitText("#glance", "Slowest ExApp: llm2, p99 ");
    browser.awaitText("#glance", "First certificate to end: ");
    browser.awaitText(
        "#table-Refused-or-failed-last", "no route of the ExApp's info.xml matches the path");
    browser.click("#table-Refused-or-failed-last button");
    browser.awaitText("#because", "/exapps/llm2/closed");

    browser.run("document.getElementById('why-url').value = ''; arguments[0]()");
    browser.type("#why-url", "https://cloud.example.com/exapps/llm2/closed" + ENTER);
    browser.awaitText("#because", "no route of the ExApp's info.xml matches the path");
    browser.awaitText("#because", "route ^/open for PUBLIC");
    browser.run("document.getElementById('why-url').value = ''; arguments[0]()");
    browser.type("#why-url", id + ENTER);
    browser.awaitText("#because", "/exapps/llm2/open");
    browser.awaitText("#because", "ROUTE_ALLOWED");

    hostileRequest("/exapps/llm2/" + HOSTILE.replace(' ', '/'));
    browser.awaitText("#table-Refused-or-failed-last", "MALFORMED_REQUEST");

    browser.click("#table-Bans button");
    browser.awaitText("#table-Bans", "Nobody has failures that count.");

    browser.click("#doctor button");
    await().atMost(PATIENCE).until(() -> count(".finding") > 3);
    assertThat(count(".finding pre")).isEqualTo(count(".finding button"));
    browser.screenshot(Path.of("target/status-page.png"));

    browser.click("#sign-out");
    browser.awaitText("#door", "Sign in");
    assertThat(browser.text("#state")).isEmpty();
    assertThat(run("arguments[0](document.cookie + document.title)")).isEqualTo("HaRP");
    assertThat(browser.complaints().encode()).doesNotContain("Content Security Policy", "Uncaught");
  }

  @Test
  void everybodyCanUseItOnAnyScreen() throws Exception {
    assertAccessible("signing in");
    browser.type("#key", KEY + ENTER);
    browser.awaitText("#state", "Ready, since ");
    request("/exapps/llm2/open");
    request("/exapps/llm2/closed");
    browser.awaitText("#table-ExApps", "llm2");
    browser.awaitText("#table-Bans", "NO_ROUTE");
    browser.type("#why-url", "/exapps/llm2/open" + ENTER);
    browser.awaitText("#because", "x-request-id");

    for (var scheme : List.of("light", "dark")) {
      browser.colours(scheme);
      for (int width : new int[] {1_100, 360}) {
        browser.width(width);
        assertAccessible(scheme + " at " + width);
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(run("arguments[0](" + SIDEWAYS + ")"))
                        .as(scheme + " at " + width)
                        .isEqualTo(0));
        browser.screenshot(Path.of("target/status-page-" + scheme + "-" + width + ".png"));
      }
    }
  }

  @Test
  void theKeyboardReachesEverything() throws Exception {
    browser.type("#key", KEY + ENTER);
    browser.awaitText("#state", "Ready, since ");
    request("/exapps/llm2/closed");
    browser.awaitText("#table-Bans", "NO_ROUTE");

    var reached = new HashSet<String>();
    for (int i = 0; i < 60; i++) {
      browser.press(TAB);
      reached.add(
          String.valueOf(
              run(
                  "const at = document.activeElement;"
                      + "arguments[0](at.id || at.dataset.range || at.textContent)")));
    }

    assertThat(reached)
        .contains(
            "minute",
            "hour",
            "day",
            "why-url",
            "why-as",
            "Explain",
            "forget-users-127.0.0.1",
            "Examine")
        .contains("routes--llm2")
        .contains("sign-out");
  }

  @Test
  void atThePublicNameAdministratorsOfNextcloudSeeItToo() throws Exception {
    request("/exapps/llm2/open");
    browser.open(door() + "/exapps/app_api/harp");
    browser.awaitText("#door", "Sign in as an administrator of Nextcloud");
    browser.width(360);
    assertAccessible("signing in at the public name");
    browser.type("#key", KEY + ENTER);
    browser.awaitText("#state", "Ready, since ");
    browser.click("#sign-out");
    browser.awaitText("#door", "Sign in");

    browser.click("#administrator");
    browser.awaitText("#refusal", "no administrator");
    run(
        "document.cookie = 'oc_sessionPassphrase=x'; document.cookie = 'nc_session=root';"
            + " arguments[0]()");
    browser.click("#administrator");
    browser.awaitText("#state", "Ready, since ");
    browser.awaitText("#table-ExApps", HOSTILE);
    request("/exapps/llm2/closed");
    browser.awaitText("#table-Bans", "NO_ROUTE 1×");
    browser.click("#table-Bans button");
    browser.awaitText("#table-Bans", "Nobody has failures that count.");
    assertAccessible("an administrator at 360");
    assertThat(run("arguments[0](" + SIDEWAYS + ")")).isEqualTo(0);

    assertThat(run("arguments[0](document.cookie)"))
        .as("a session is for no script")
        .asString()
        .doesNotContain("harp-session");
    assertThat(run("fetch('/exapps/llm2/open').then(it => it.text()).then(arguments[0])"))
        .as("no ExApp gets the session")
        .asString()
        .doesNotContain("harp-session");
    assertThat(browser.complaints().encode()).doesNotContain("Content Security Policy", "Uncaught");
  }

  @Test
  void noWebsiteFramesThePublicPage() throws Exception {
    request("/exapps/llm2/open");
    browser.open(door() + "/exapps/llm2/open");
    run(
        "const frame = document.createElement('iframe'); frame.src = '/exapps/app_api/harp/';"
            + "frame.onload = () => arguments[0](); document.body.append(frame)");

    assertThat(browser.complaints().encode()).containsAnyOf("frame-ancestors", "X-Frame-Options");
  }

  /** By the rules of the Web Content Accessibility Guidelines that a program can check. */
  private void assertAccessible(String what) throws Exception {
    run(resource("/axe.min.js") + "\n;arguments[0]()");
    var violations =
        (JsonArray)
            run(
                "const done = arguments[0]; axe.run().then(found =>"
                    + " done(found.violations.map(it => it.id + ': ' + it.nodes.map(node"
                    + " => node.html).join(' '))))");
    assertThat(violations.getList()).as(what).isEmpty();
  }

  private static String resource(String name) throws IOException {
    try (var in = StatusPageTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Object run(String script) throws Exception {
    return browser.run(script);
  }

  private int count(String selector) throws Exception {
    return ((Number) run("arguments[0](document.querySelectorAll('" + selector + "').length)"))
        .intValue();
  }

  private String door() {
    return "http://127.0.0.1:" + gateway.addresses().get(0).getPort();
  }

  private HttpResponse<String> request(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(door() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /** No client that means well sends such a path, or such headers. */
  private void hostileRequest(String path) throws Exception {
    try (var socket = new Socket("127.0.0.1", gateway.addresses().get(0).getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request =
          "GET %1$s HTTP/1.1\r\nHost: %1$s\r\nX-Request-Id: %1$s\r\nReferer: %1$s\r\n\r\n"
              .formatted(path);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isGreaterThanOrEqualTo(-1);
    }
  }
}
