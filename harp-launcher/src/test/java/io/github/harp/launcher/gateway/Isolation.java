// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.ONE;
import static io.github.harp.launcher.gateway.TwoNextclouds.Cloud.TWO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.util.introspection.PropertyOrFieldSupport.EXTRACTION;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.launcher.gateway.TwoNextclouds.Answer;
import io.github.harp.launcher.gateway.TwoNextclouds.Cloud;
import io.github.harp.launcher.logging.LogOutput;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Two Nextclouds of one gateway, and all that is seen of what happens there. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class Isolation {

  static final int ENGINE_PORT = 24_007;

  private static final Pattern NAMES = Pattern.compile("nc[_-](?:app|[a-z0-9]+[_-]app)[_-]");

  private final ListAppender<ILoggingEvent> lines =
      new ListAppender<>() {
        {
          list = new CopyOnWriteArrayList<>();
        }
      };
  TwoNextclouds clouds;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    clouds = new TwoNextclouds(folder);
    for (var cloud : Cloud.values()) {
      dialIn(cloud);
    }
    lines.start();
    root().addAppender(lines);
  }

  @BeforeEach
  void settle() throws Exception {
    for (var cloud : Cloud.values()) {
      clouds.order(cloud, "DELETE", "/exapp_storage/notes", "");
      assertThat(clouds.ask(cloud.host(), "/exapps/notes/public", Map.of()))
          .isEqualTo(new Answer(200, cloud.toString()));
    }
    clouds.forget();
    await().pollInterval(Duration.ofMillis(5)).until(() -> accessLines().size() >= 4);
    lines.list.clear();
  }

  /** Whatever is done. */
  @AfterEach
  void noLineHasASecret() {
    for (var cloud : Cloud.values()) {
      assertThat(List.copyOf(lines.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(it -> it.contains(cloud.key()) || it.contains(cloud.secret()));
    }
  }

  @AfterAll
  void stop() throws Exception {
    root().detachAppender(lines);
    clouds.close();
  }

  static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  static String as(String user, Cloud cloud) {
    return base64(user + ":" + cloud.secret());
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  void dialIn(Cloud cloud) throws Exception {
    clouds.dialIn(cloud);
    clouds.dialIn(cloud, cloud.key(), ENGINE_PORT);
  }

  /** All that can be made look like another one's, by whoever has a key or not. */
  static Map<String, String> lures(Cloud of) {
    return Map.of(
        "cookie", of.cookie(),
        "x-forwarded-host", of.host(),
        "forwarded", "host=" + of.host(),
        "x-original-host", of.host());
  }

  static Map<String, String> keyed(String key, Map<String, String> headers) {
    var all = new HashMap<>(headers);
    all.put("harp-shared-key", key);
    return all;
  }

  ServedNextcloud served(Cloud cloud) {
    Nextclouds nextclouds = inside(clouds.gateway(), "nextclouds");
    return nextclouds.all().get(cloud.ordinal());
  }

  @SuppressWarnings("unchecked")
  static <T> T inside(Object object, String path) {
    return (T) EXTRACTION.getValueOf(path, object);
  }

  /** What the operator sees of one of them, but for what passes by. */
  List<Object> shown(Cloud cloud) throws Exception {
    var status = clouds.status();
    var own = cloud == ONE ? status : status.getJsonArray("instances").getJsonObject(0);
    var tunnels =
        status.getJsonObject("tunnels").getJsonArray("sessions").stream()
            .map(JsonObject.class::cast)
            .filter(it -> it.getString("identity").endsWith(" of two") == (cloud == TWO))
            .map(it -> it.getString("identity") + it.getJsonArray("proxies"))
            .toList();
    var bans =
        status.getJsonArray("bans").stream()
            .map(JsonObject.class::cast)
            .map(it -> it.getString("list") + " " + it.getString("address"))
            .filter(it -> !it.startsWith("orders ") && !it.startsWith("tunnels "))
            .filter(it -> it.contains(" of two ") == (cloud == TWO))
            .toList();
    return List.of(own.getJsonArray("engines"), own.getJsonArray("exapps"), tunnels, bans);
  }

  /** Nothing of it was asked, changed or reached, and it works as before. */
  void assertUntouched(Cloud cloud, List<Object> before) throws Exception {
    assertThat(clouds.atNextcloud.get(cloud)).isEmpty();
    assertThat(clouds.atEngine).allMatch(call -> areOf(cloud.other(), call));
    assertThat(clouds.atCluster).allMatch(call -> areOf(cloud.other(), call));
    assertThat(clouds.atExApp.get(cloud)).isEmpty();
    assertThat(clouds.atExApp.get(cloud.other()))
        .noneMatch(it -> it.contains(cloud.secret()) || it.contains(as("root", cloud)));
    assertThat(shown(cloud)).isEqualTo(before);
    assertThat(clouds.ask(cloud.host(), "/exapps/notes/public", Map.of()))
        .isEqualTo(new Answer(200, cloud.toString()));
  }

  /** So many requests have ended since the test began. */
  List<String> accessLines(int number) {
    await().pollInterval(Duration.ofMillis(5)).until(() -> accessLines().size() >= number);
    assertThat(accessLines()).hasSize(number);
    return accessLines();
  }

  List<String> accessLines() {
    return List.copyOf(lines.list).stream()
        .filter(line -> line.getLoggerName().equals(LogOutput.ACCESS))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /**
   * Whether all names of containers, volumes and objects in a call are this one's. Where the volume
   * is in a container is no name: each ExApp is told the same.
   */
  static boolean areOf(Cloud cloud, String call) {
    return NAMES
        .matcher(call.replaceAll("\"(Target|mountPath)\":\"/nc_app_[^\"]*_data\"", ""))
        .results()
        .map(found -> found.group().replace('-', '_'))
        .allMatch(cloud.containers::equals);
  }

  static boolean isOf(Cloud cloud, String line) {
    return line.contains(" nextcloud=two ") == (cloud == TWO)
        && !line.contains(" nextcloud=nobody ");
  }
}
