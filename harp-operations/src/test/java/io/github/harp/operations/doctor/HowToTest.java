// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.operations.Examination;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.operations.TestNextclouds;
import io.github.harp.operations.Way;
import io.github.harp.operations.observe.FinishedRequests;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.operations.observe.RecentRequests;
import io.github.harp.operations.outside.AnsweringServer;
import io.github.harp.operations.outside.ExAppsCheck;
import io.github.harp.operations.outside.NextcloudCheck;
import io.github.harp.operations.outside.PublicUrlCheck;
import io.github.harp.proxy.RequestRecord.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What docs/how-to.md says that doctor prints is what it prints, in each of these cases. */
class HowToTest {

  private static final Pattern SECTION =
      Pattern.compile("(?ms)^## ([^\n]+)\n(?:(?!^## ).)*?```text\n(.*?)```");

  private static final String HEARTBEAT = "/exapps/llm2/heartbeat";

  private final AnsweringServer cloud = new AnsweringServer();
  private final NonceWitness witness = new NonceWitness();
  private final RecentRequests recent = new RecentRequests(Clock.systemUTC());
  private final Map<String, Supplier<Stream<Finding>>> cases = new LinkedHashMap<>();

  @AfterEach
  void close() {
    cloud.close();
  }

  @Test
  void eachAnswerEndsInWhatDoctorPrints() throws IOException {
    prepare();
    var document = Path.of(System.getProperty("harp.root", ".."), "docs", "how-to.md");
    var shown = new LinkedHashMap<String, String>();
    SECTION
        .matcher(Files.readString(document))
        .results()
        .forEach(section -> shown.put(section.group(1), section.group(2)));

    assertThat(shown.keySet()).containsExactlyElementsOf(cases.keySet());
    cases.forEach(
        (question, findings) -> {
          var printed = print(question, findings.get());
          var text = shown.get(question);
          if (text.endsWith("…\n")) {
            assertThat(printed).as(question).startsWith(text.substring(0, text.length() - 2));
          } else {
            assertThat(printed).as(question).isEqualTo(text);
          }
        });
  }

  private void prepare() {
    cases.put("ExApps show a 404 page of Nextcloud", this::notForwarded);
    cases.put("The heartbeat of a deployed ExApp fails", () -> heartbeat(Way.TUNNEL_AWAY, 503));
    cases.put("The tunnel is open, and nobody answers", () -> heartbeat(Way.TUNNEL, 502));
    cases.put("An ExApp with gRPC is a 502", this::http2Only);
    cases.put("All users are banned at once", this::untrustedProxy);
    cases.put("HaRP does not reach Nextcloud", () -> nextcloud("http://127.0.0.1:9"));
    cases.put("Nextcloud calls HaRP's host name untrusted", this::untrustedHost);
    cases.put("Every ExApp is a 404, though it is registered", () -> appApi(401));
    cases.put("After some wrong keys nothing works any more", () -> appApi(429));
    cases.put("HaRP may not use Docker's socket", HowToTest::closedSocket);
  }

  /** The first finding that asks for something, as doctor prints it. */
  private String print(String question, Stream<Finding> findings) {
    var finding =
        findings
            .filter(it -> it.severity().compareTo(Severity.WARNING) >= 0)
            .findFirst()
            .orElseThrow(() -> new AssertionError(question + ": nothing is wrong"));
    return new Examination(List.of(finding))
        .toText()
        .replace(cloud.url(), "https://cloud.example.com")
        .replace("name 127.0.0.1", "name cloud.example.com")
        .replace("--value=127.0.0.1", "--value=cloud.example.com")
        .replace("127.0.0.1:9 ", "127.0.0.1:8080 ")
        .replace("(engine 24000)", "(unix:///var/run/docker.sock)");
  }

  private Stream<Finding> notForwarded() {
    cloud.whenAsked(path -> cloud.on(path, 404, "", Map.of("server", "nginx")));
    return publicUrl();
  }

  private Stream<Finding> untrustedProxy() {
    var verdict = FinishedRequests.refused(404, Reason.UNKNOWN_EXAPP, false);
    cloud.whenAsked(
        path ->
            witness.finished(FinishedRequests.of("1", path, verdict, 404, /* failure= */ null)));
    return publicUrl();
  }

  private Stream<Finding> publicUrl() {
    var listeners =
        new GatewayFacts.Listeners(
            ListenAddress.parse("0.0.0.0:8780"),
            Map.of(),
            Optional.empty(),
            TrustedProxies.none(),
            /* earlyHints= */ false);
    return new PublicUrlCheck(AnsweringServer.probe(), witness, cloud.url(), listeners, "")
        .examine()
        .map(it -> it.about("public address"));
  }

  private Stream<Finding> http2Only() {
    var failure =
        new Failure(
            Failure.Kind.UPSTREAM_GONE,
            "it speaks HTTP/2 only, as gRPC does: expected HTTP/1.1, in which HaRP asks ExApps");
    recent.finished(FinishedRequests.of("4f", HEARTBEAT, /* verdict= */ null, 502, failure));
    return heartbeat(Way.DIRECT, 502);
  }

  private Stream<Finding> heartbeat(Way way, int status) {
    cloud.whenAsked(path -> {}).on(HEARTBEAT, status, "", Map.of("x-request-id", "4f"));
    var exApps = List.of(TestExApp.at("127.0.0.1", 23000, "llm2", "secret"));
    return new ExAppsCheck(
            AnsweringServer.probe(), cloud.url(), TestNextclouds.served(exApps, way), recent)
        .examine()
        .map(it -> it.about("exapps"));
  }

  private Stream<Finding> untrustedHost() {
    cloud.on("/status.php", 400, "Access through untrusted domain");
    return nextcloud(cloud.url());
  }

  private Stream<Finding> appApi(int status) {
    cloud.on("/status.php", 200, "{\"installed\": true, \"versionstring\": \"32.0.0\"}");
    cloud.on("/index.php/apps/app_api/harp/exapp-meta", status, "");
    return nextcloud(cloud.url());
  }

  private static Stream<Finding> nextcloud(String url) {
    return new NextcloudCheck(
            AnsweringServer.probe(), TestNextclouds.at(url), Optional.of(new AppId("llm2")))
        .examine()
        .map(it -> it.about().isEmpty() ? it.about("nextcloud") : it);
  }

  private static Stream<Finding> closedSocket() {
    var closed =
        ExAppRuntimes.onEngines(
            number -> {
              throw new HarpException(
                  HarpException.Code.UNREACHABLE,
                  "engine 24000, GET /version: unix:///var/run/docker.sock: Permission denied");
            });
    var facts = TestNextclouds.with(Map.of(), MountRules.none());
    return new EnginesCheck(TestNextclouds.served(facts, UndialledEngines.numbered(24000), closed))
        .examine()
        .map(it -> it.about("engines"));
  }
}
