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
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.Wait;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pictures of the status page in the documents, with {@code -Dharp.pictures=keep} taken anew.
 */
class PagePicturesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Path ROOT = Path.of(System.getProperty("harp.root", ".."));
  private static final Path DOCUMENTED = ROOT.resolve("docs/pictures");
  private static final boolean KEEP = "keep".equals(System.getProperty("harp.pictures"));

  /** For plots with something in them a minute has to pass, which only people see. */
  private static final int SECONDS = KEEP ? 58 : 3;

  private static final int MOST_BYTES = 200_000;

  @TempDir Path folder;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path profile;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = vertx.createHttpClient();
  private Gateway gateway;
  private Chromium browser;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Chromium.isInstalled(), "Chromium and its driver are not installed");
    var certificate = folder.resolve("cert.pem").toString();
    var made =
        new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "12")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile());
    made.command().addAll(List.of("-pkeyopt", "ec_paramgen_curve:prime256v1"));
    made.command().addAll(List.of("-subj", "/CN=cloud.example.com"));
    made.command().addAll(List.of("-keyout", certificate, "-out", certificate + ".crt"));
    assertThat(made.start().waitFor()).isZero();
    Files.writeString(
        Path.of(certificate),
        Files.readString(Path.of(certificate + ".crt")) + Files.readString(Path.of(certificate)));

    var nextcloud = new AppApiDouble(KEY);
    known(nextcloud, "context_chat_backend", "4.3.0", 300);
    known(nextcloud, "llm2", "2.4.1", 1_900);
    known(nextcloud, "whiteboard", "1.0.2", 4);
    var engine = vertx.createHttpServer().requestHandler(PagePicturesTest::pull);
    var environment = TestSettings.in(folder);
    environment.put("NC_INSTANCE_URL", "http://localhost:" + serving(nextcloud));
    environment.put("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:0");
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    environment.put(
        "HP_DOCKER_ENGINES",
        "24000=tcp://127.0.0.1:" + Wait.resultOf(engine.listen(0, "127.0.0.1")).actualPort());
    gateway = Wait.resultOf(TestSettings.start(environment, folder, vertx));
    browser = new Chromium(profile);
    browser.width(1_100);
    browser.open("http://127.0.0.1:" + gateway.adminPort() + "/");
    browser.awaitText("#door", "Sign in");
  }

  private void known(AppApiDouble nextcloud, String id, String version, int milliseconds)
      throws Exception {
    var port =
        serving(
            request -> {
              var answer = "x".repeat(1_000 + (int) (Math.random() * 30_000));
              var after = 1 + (long) (milliseconds * (0.5 + Math.random() / 2));
              vertx.setTimer(after, now -> request.response().end(answer));
            });
    var routes =
        List.of(
            new ExAppRoute("^/api/.*", AccessLevel.PUBLIC, Set.of()),
            new ExAppRoute("^/files", AccessLevel.USER, Set.of()),
            new ExAppRoute("^/settings", AccessLevel.ADMIN, Set.of()));
    var address = new ExAppAddress("127.0.0.1", port);
    nextcloud.exApp(
        new ExApp(new AppId(id), version, address, Secret.of("s"), RouteTable.of(routes)));
  }

  private static void pull(io.vertx.core.http.HttpServerRequest request) {
    var layer =
        "{\"status\":\"%s\",\"id\":\"a\",\"progressDetail\":{\"current\":%d,\"total\":100}}\n";
    request.response().setChunked(true).write(layer.formatted("Downloading", 71));
  }

  private int serving(io.vertx.core.Handler<io.vertx.core.http.HttpServerRequest> handler)
      throws Exception {
    return Wait.resultOf(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
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
  void showWhatPeopleSee() throws Exception {
    browser.type("#key", KEY + "\uE007");
    browser.awaitText("#state", "Ready, since ");
    var pull =
        request("/exapps/app_api/v1.44/images/create?fromImage=ghcr.io/acme/translate&tag=2.1")
            .setMethod(HttpMethod.POST)
            .putHeader("harp-shared-key", KEY)
            .putHeader("docker-engine-port", "24000");
    client.request(pull).compose(it -> it.send());
    var traffic = vertx.setPeriodic(100, now -> somebodyComes());
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> number("samples.minute.length") >= SECONDS);
    browser.awaitText("#glance", "Slowest ExApp: llm2");
    browser.awaitText("#glance", "First certificate to end: 11 days");
    browser.awaitText("#table-Bans", "banned");
    browser.awaitText("#table-Orders-under-way", "translate");
    vertx.cancelTimer(traffic);
    browser.type("#why-url", "https://cloud.example.com/exapps/llm2/files?x=1\uE007");
    browser.awaitText("#because", "the route is for users");

    var taken = new HashMap<String, byte[]>();
    browser.width(1_000);
    taken.put("page-light", picture("light", "body", 1_150));
    taken.put("why", picture("light", "#asking", 900));
    taken.put("page-dark", picture("dark", "#tables", 850));
    browser.width(360);
    taken.put("page-narrow", picture("dark", "body", 900));

    assertThat(String.valueOf(browser.run("arguments[0](document.body.innerText)")))
        .doesNotContain(
            InetAddress.getLocalHost().getHostName(),
            System.getProperty("user.home"),
            System.getProperty("user.dir"),
            folder.toString());
    for (var picture : taken.entrySet()) {
      var file = picture.getKey() + ".png";
      if (KEEP) {
        Files.write(Files.createDirectories(DOCUMENTED).resolve(file), picture.getValue());
      }
      var now = read(picture.getValue());
      assertShowsSomething(file, now);
      var documented = Files.readAllBytes(DOCUMENTED.resolve(file));
      assertThat(documented.length).as(file).isLessThan(MOST_BYTES);
      assertShowsSomething("docs/pictures/" + file, read(documented));
      assertThat(read(documented).getWidth()).as(file).isEqualTo(now.getWidth());
    }
  }

  private byte[] picture(String colours, String selector, int height) throws Exception {
    browser.colours(colours);
    return browser.picture(selector, height);
  }

  private static BufferedImage read(byte[] picture) throws Exception {
    return ImageIO.read(new ByteArrayInputStream(picture));
  }

  /** Less than all of it is ground. */
  private static void assertShowsSomething(String what, BufferedImage picture) {
    var counted = new HashMap<Integer, Integer>();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        counted.merge(picture.getRGB(x, y), 1, Integer::sum);
      }
    }
    var ground = counted.values().stream().mapToInt(it -> it).max().orElseThrow();
    assertThat(counted).as(what).hasSizeGreaterThan(30);
    assertThat(ground).as(what).isLessThan(picture.getHeight() * picture.getWidth() * 97 / 100);
  }

  /** By the clock, so that the plots have hills. */
  private void somebodyComes() {
    var wave = 1.5 + Math.sin(System.nanoTime() / 4e9);
    send("/exapps/whiteboard/api/strokes", 24);
    if (Math.random() < wave / 3) {
      send("/exapps/context_chat_backend/api/query", 31);
    }
    if (Math.random() < wave / 8) {
      send("/exapps/llm2/api/chat", 58);
    }
    if (Math.random() < 0.04) {
      send(Math.random() < 0.5 ? "/exapps/llm2/settings" : "/exapps/notes/api", 77);
    }
    if (Math.random() < 0.5) {
      send("/exapps/whiteboard/.env", 201);
    }
  }

  private void send(String path, int client) {
    var from = "203.0.113." + client;
    this.client
        .request(request(path).putHeader("x-forwarded-for", from))
        .compose(it -> it.send())
        .compose(it -> it.end());
  }

  private RequestOptions request(String path) {
    return new RequestOptions()
        .setHost("127.0.0.1")
        .setPort(gateway.addresses().get(0).getPort())
        .setURI(path);
  }

  private int number(String script) throws Exception {
    return ((Number) browser.run("arguments[0](" + script + ")")).intValue();
  }
}
