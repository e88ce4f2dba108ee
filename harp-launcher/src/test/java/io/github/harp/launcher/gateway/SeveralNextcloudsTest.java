// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.ONE;
import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.TWO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.ban.Bans;
import io.github.harp.launcher.gateway.TwoNextclouds.Answer;
import io.github.harp.launcher.gateway.TwoNextclouds.Cloud;
import io.github.harp.launcher.logging.LogOutput;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/**
 * Both have an ExApp of the same id on the same port of the same engine, and a user with the same
 * cookie. What one of them shows is worth nothing to the other.
 */
@DisplayName("A gateway of two Nextclouds")
@TestInstance(Lifecycle.PER_CLASS)
class SeveralNextcloudsTest {

  private static final Map<String, String> NOTHING = Map.of();
  private static final Map<String, String> OF_ONE = Map.of("harp-shared-key", ONE.key());

  private TwoNextclouds clouds;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    clouds = new TwoNextclouds(folder);
  }

  @AfterEach
  void hangUp() {
    clouds.hangUp();
    clouds.forget();
  }

  @AfterAll
  void stop() throws Exception {
    clouds.close();
  }

  @ParameterizedTest
  @CsvSource({
    "one.example, one",
    "two.example, two",
    "TWO.example:8780, two",
    "two.example., two",
  })
  void aHostHasItsOwnExApps(String host, String whose) throws Exception {
    clouds.dialIn(ONE);
    clouds.dialIn(TWO);

    assertThat(ask(host, "/exapps/notes/public", NOTHING)).isEqualTo(new Answer(200, whose));
  }

  @Test
  void aKeyOpensTheTunnelsOfItsOwnOnly() throws Exception {
    clouds.dialIn(TWO);

    assertThat(ask("one.example", "/exapps/notes/public", NOTHING).status())
        .as("nobody has dialled in for it")
        .isEqualTo(503);
    assertThat(ask("two.example", "/exapps/notes/public", NOTHING))
        .isEqualTo(new Answer(200, "two"));
  }

  @Test
  void aSessionOfOneIsNobodyToTheOther() throws Exception {
    clouds.dialIn(ONE);
    clouds.dialIn(TWO);
    var cookie = Map.of("cookie", ONE.cookie());

    assertThat(ask("one.example", "/exapps/notes/user", cookie).status()).isEqualTo(200);
    assertThat(ask("two.example", "/exapps/notes/user", cookie).status()).isEqualTo(403);
    assertThat(ask("one.example", "/exapps/notes/user", cookie).status()).isEqualTo(200);
  }

  @Test
  @DisplayName("a host that is nobody's is refused, whatever a trusted proxy says of another one")
  void aHostThatIsNobodysIsRefused() throws Exception {
    assertThat(ask("three.example", "/exapps/notes/public", NOTHING).status()).isEqualTo(421);
    assertThat(ask("127.0.0.1", "/exapps/notes/public", NOTHING).status()).isEqualTo(421);
    assertThat(
            ask(
                    "three.example",
                    "/exapps/notes/public",
                    Map.of("x-forwarded-host", "two.example", "forwarded", "host=two.example"))
                .status())
        .isEqualTo(421);
  }

  @Test
  void theHostOfTheRequestLineGoesBeforeHost() throws Exception {
    clouds.dialIn(TWO);

    try (var socket = new Socket("127.0.0.1", clouds.port())) {
      socket
          .getOutputStream()
          .write(
              """
              GET http://two.example/exapps/notes/public HTTP/1.1\r
              Host: one.example\r
              Connection: close\r
              \r
              """
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .endsWith("two");
    }
  }

  @Test
  void theAuthorityOfHttp2IsTheHost() throws Exception {
    clouds.dialIn(TWO);
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setHttp2ClearTextUpgrade(false);

    assertThat(
            clouds.send(
                options, "two.example", HttpMethod.GET, "/exapps/notes/public", NOTHING, ""))
        .isEqualTo(new Answer(200, "two"));
    assertThat(
            clouds
                .send(options, "three.example", HttpMethod.GET, "/exapps/notes/public", NOTHING, "")
                .status())
        .isEqualTo(421);
  }

  @Test
  void aRecordThatOnePushesIsNotTheOthers() throws Exception {
    clouds.dialIn(ONE);
    assertThat(ask("one.example", "/exapps/notes/public", NOTHING).status()).isEqualTo(200);

    clouds.order(TWO, "DELETE", "/exapp_storage/notes", "");
    assertThat(
            clouds
                .order(
                    TWO,
                    "POST",
                    "/exapp_storage/more",
                    """
                    {"exapp_token": "s", "exapp_version": "1", "host": "127.0.0.1", "port": 23001,
                     "routes": [{"url": ".*", "access_level": 0, "bruteforce_protection": []}]}
                    """)
                .status())
        .isEqualTo(204);

    assertThat(ask("one.example", "/exapps/more/", NOTHING).status()).isEqualTo(404);
    assertThat(ask("one.example", "/exapps/notes/public", NOTHING))
        .isEqualTo(new Answer(200, "one"));
  }

  @Test
  void containersOnOneEngineAreNamedByWhoseTheyAre() throws Exception {
    assertThat(create(ONE, "[]").status()).isEqualTo(201);
    assertThat(create(TWO, "[]").body()).contains("nc_two_app_notes");

    assertThat(clouds.atEngine)
        .anyMatch(it -> it.startsWith("POST /containers/create?") && it.contains("=nc_app_notes"))
        .anyMatch(
            it -> it.startsWith("POST /containers/create?") && it.contains("=nc_two_app_notes"))
        .anyMatch(it -> it.contains("\"nc_two_app_notes_data\""))
        .noneMatch(it -> it.contains(ONE.key()));
  }

  @Test
  void foldersOfTheHostAreForTheOneOfTheVariablesOnly() throws Exception {
    var mount = "[{\"source\": \"/srv/models\", \"target\": \"/models\", \"mode\": \"ro\"}]";

    assertThat(create(ONE, mount).status()).isEqualTo(201);
    assertThat(create(TWO, mount).status()).isEqualTo(400);
  }

  @Test
  void callsToTheEngineAreAboutContainersOfTheirOwn() throws Exception {
    engineCall(ONE, "/containers/nc_app_notes/json");
    engineCall(TWO, "/containers/nc_app_notes/json");
    engineCall(TWO, "/v1.44/containers/nc%5Fapp_notes/logs?tail=1");

    assertThat(clouds.atEngine)
        .containsExactly(
            "GET /containers/nc_app_notes/json ",
            "GET /containers/nc_two_app_notes/json ",
            "GET /v1.44/containers/nc_two_app_notes/logs?tail=1 ");
    assertThat(engineCall(ONE, "/containers/nc_two_app_notes/json").status()).isEqualTo(403);
    assertThat(engineCall(TWO, "/containers/nc_two_app_notes/json").status()).isEqualTo(403);
  }

  @Test
  void whoIsBannedByOneMayAskTheOther() throws Exception {
    var browser = Map.of("x-forwarded-for", "203.0.113.7", "sec-fetch-mode", "navigate");
    for (var i = 0; i < Bans.COUNT; i++) {
      ask("two.example", "/exapps/notes/no-route", browser);
    }

    assertThat(ask("two.example", "/exapps/notes/user", browser).status()).isEqualTo(429);
    assertThat(ask("one.example", "/exapps/notes/user", browser).status()).isEqualTo(403);
  }

  @Test
  void linesOfTheLogSayWhoseTheyAre() throws Exception {
    var logger = (Logger) LoggerFactory.getLogger(LogOutput.ACCESS);
    var appender = new ListAppender<ILoggingEvent>();
    appender.list = new CopyOnWriteArrayList<>();
    appender.start();
    logger.addAppender(appender);
    // What others of this class have asked for may end only now.
    Supplier<List<String>> lines =
        () ->
            appender.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(it -> it.contains("/whose/"))
                .toList();
    try {
      for (var host : List.of("one.example", "two.example", "three.example")) {
        ask(host, "/exapps/notes/whose/user", NOTHING);
      }
      clouds.order(TWO, "GET", "/docker/whose/none", "");
      await().until(() -> lines.get().size() == 4);
    } finally {
      logger.detachAppender(appender);
    }

    assertThat(lines.get())
        .noneMatch(it -> it.contains(TWO.key()))
        .satisfiesExactlyInAnyOrder(
            ofOne -> assertThat(ofOne).doesNotContain("nextcloud=").contains("status=403"),
            ofTwo -> assertThat(ofTwo).contains(" nextcloud=two ", "/exapps/notes/whose/user"),
            ofNobody -> assertThat(ofNobody).contains(" nextcloud=nobody ", "status=421"),
            order -> assertThat(order).contains(" nextcloud=two ", "/exapps/app_api/"));
  }

  @Test
  void onlyTheKeyOfTheVariablesShowsWhatRuns() throws Exception {
    for (var path : List.of("/status", "/bans", "/doctor")) {
      assertThat(admin(path, Map.of("harp-shared-key", TWO.key())).status()).isEqualTo(401);
    }
  }

  @Test
  void whoLooksAfterItSeesBoth() throws Exception {
    ask("two.example", "/exapps/notes/user", NOTHING);
    var status = new JsonObject(admin("/status", OF_ONE).body());
    assertThat(status.getJsonArray("instances"))
        .singleElement(InstanceOfAssertFactories.type(JsonObject.class))
        .satisfies(
            two -> {
              assertThat(two.getString("name")).isEqualTo("two");
              assertThat(two.getJsonArray("engines")).hasSize(1);
              assertThat(two.getJsonArray("exapps")).isNotEmpty();
            });
    assertThat(status.encode()).doesNotContain(TWO.key());
    assertThat(admin("/metrics", NOTHING).body())
        .contains("nextcloud=\"two\"", "harp_bans{list=\"users of two\"}");
    assertThat(admin("/doctor", OF_ONE).body())
        .contains("\"check\":\"nextcloud two\"", "\"check\":\"engines of two\"");
  }

  @Test
  void theDoctorJudgesTheEnginesOfEachAsOrdersTo() throws Exception {
    var findings =
        new JsonObject(admin("/doctor", OF_ONE).body())
            .getJsonArray("findings").stream()
                .map(JsonObject.class::cast)
                .map(it -> it.getString("check") + " " + it.getString("severity") + " " + it)
                .toList();

    assertThat(findings)
        .anyMatch(it -> it.startsWith("engines of two failure") && it.contains("engine 24001"))
        .anyMatch(
            it ->
                it.startsWith("nextcloud two failure")
                    && it.contains("set HP_INSTANCES_FILE instance two url"))
        .filteredOn(it -> it.contains("/srv/models"))
        .satisfiesExactly(
            ofOne ->
                assertThat(ofOne)
                    .startsWith("mounts ok")
                    .contains("nc_app_notes")
                    .doesNotContain("nc_two_app_notes"),
            ofTwo ->
                assertThat(ofTwo)
                    .startsWith("mounts warning")
                    .contains("nc_two_app_notes")
                    .doesNotContain("nc_app_notes", "HP_ALLOWED_MOUNTS="));
  }

  private Answer ask(String host, String path, Map<String, String> headers) throws Exception {
    return clouds.ask(host, path, headers);
  }

  private Answer create(Cloud cloud, String mounts) throws Exception {
    return clouds.order(
        cloud,
        "POST",
        "/docker/exapp/create",
        """
        {"name": "notes", "image_id": "nothing/notes:1", "environment_variables":
         ["APP_ID=notes", "APP_PORT=23000", "APP_SECRET=s", "HP_SHARED_KEY=%s"],
         "mount_points": %s}
        """
            .formatted(cloud.key(), mounts));
  }

  private Answer engineCall(Cloud cloud, String path) throws Exception {
    return clouds.order(cloud, "GET", path, "");
  }

  private Answer admin(String path, Map<String, String> headers) throws Exception {
    return clouds.admin("GET", path, headers);
  }
}
