// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.operations.TestNextclouds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NextcloudCheckTest {

  private static final String META = "/index.php/apps/app_api/harp/exapp-meta";
  private static final String STATUS =
      """
      {"installed": true, "maintenance": false, "versionstring": "32.0.1"}\
      """;

  private final AnsweringServer nextcloud = new AnsweringServer();

  @AfterEach
  void stop() {
    nextcloud.close();
  }

  @Test
  void aNextcloudThatTakesTheKeyIsFine() {
    nextcloud.on("/status.php", 200, STATUS).on(META, 200, "{}");

    var findings = examine(Optional.of(new AppId("app")));

    assertThat(findings).extracting(Finding::severity).containsOnly(Severity.OK);
    assertThat(findings.get(0).seen()).contains("Nextcloud 32.0.1");
  }

  @Test
  void aWrongKeyIsToldApartByItsFingerprintAndNeverShown() {
    nextcloud.on("/status.php", 200, STATUS).on(META, 401, "{}");

    var finding = last(examine(Optional.of(new AppId("app"))));

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains(SharedKey.of("the-key-of-the-test").fingerprint());
    assertThat(finding.toString()).doesNotContain("the-key-of-the-test");
    assertThat(finding.remedy()).contains("HP_SHARED_KEY");
  }

  @Test
  void withoutAnExAppTheKeyCannotBeJudged() {
    nextcloud.on("/status.php", 200, STATUS).on(META, 401, "{}");

    assertThat(last(examine(Optional.empty())).severity()).isEqualTo(Severity.NOTE);
  }

  @Test
  void aNextcloudWithoutAppApiNamesTheCommandThatEnablesIt() {
    nextcloud.on("/status.php", 200, STATUS);

    assertThat(last(examine(Optional.empty())).remedy()).contains("occ app:enable app_api");
  }

  @Test
  void throttlingIsToldFromAWrongKey() {
    nextcloud.on("/status.php", 200, STATUS).on(META, 429, "");

    assertThat(last(examine(Optional.of(new AppId("app")))).remedy()).contains("bruteforce:reset");
  }

  @Test
  void aRedirectGivesTheValueToSet() {
    nextcloud.on(
        "/status.php", 301, "", Map.of("Location", "https://cloud.example.org/nc/status.php"));

    var findings = examine(Optional.of(new AppId("app")));

    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).remedy())
        .isEqualTo("set NC_INSTANCE_URL=https://cloud.example.org/nc");
    assertThat(nextcloud.keys()).isEmpty();
  }

  @Test
  void aRedirectToTlsOnTheSameHostIsFollowedAsTheGatewayFollowsIt() {
    // Nobody listens there: what matters is that it was tried.
    nextcloud.on("/status.php", 302, "", Map.of("Location", "https://127.0.0.1:9/status.php"));

    var findings = examine(Optional.of(new AppId("app")));

    assertThat(findings)
        .extracting(Finding::severity)
        .containsExactly(Severity.WARNING, Severity.FAILURE);
    assertThat(findings.get(0).remedy()).isEqualTo("set NC_INSTANCE_URL=https://127.0.0.1:9");
    assertThat(findings.get(1).seen()).contains("https://127.0.0.1:9", "connection refused");
    assertThat(nextcloud.keys()).isEmpty();
  }

  @Test
  void whatToChangeForAFurtherNextcloudStandsInTheFile() {
    nextcloud.on("/status.php", 200, STATUS).on(META, 401, "{}");

    assertThat(remediesOfAcme(nextcloud.url(), Optional.of(new AppId("app"))))
        .last()
        .asString()
        .contains("HP_INSTANCES_FILE instance acme key here")
        .doesNotContain("HP_SHARED_KEY");
    assertThat(remediesOfAcme("no url", Optional.empty()))
        .singleElement()
        .asString()
        .contains("set HP_INSTANCES_FILE instance acme url to")
        .doesNotContain("NC_INSTANCE_URL");
  }

  private static Stream<String> remediesOfAcme(String url, Optional<AppId> knownApp) {
    var acme = TestNextclouds.named(new InstanceName("acme"), url, MountRules.none());
    return new NextcloudCheck(AnsweringServer.probe(), acme, knownApp)
        .examine()
        .map(Finding::remedy);
  }

  @Test
  void whatIsNoUrlIsSaidSo() {
    for (var url : List.of("cloud.example.com", "ftp://cloud.example.com", "http://a b")) {
      var finding = examine(url).get(0);

      assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
      assertThat(finding.seen()).contains(url, "expected a URL");
      assertThat(finding.remedy()).contains("NC_INSTANCE_URL", "https://");
    }
  }

  @Test
  void anUntrustedDomainGivesTheCommand() {
    nextcloud.on("/status.php", 400, "<h1>Access through untrusted domain</h1>");

    assertThat(examine(Optional.empty()).get(0).remedy())
        .contains("occ config:system:set trusted_domains");
  }

  @Test
  void anotherWebServerIsNotNextcloud() {
    nextcloud.on("/status.php", 200, "<html>It works!</html>");

    assertThat(examine(Optional.empty()).get(0).severity()).isEqualTo(Severity.FAILURE);
    assertThat(nextcloud.keys()).isEmpty();
  }

  @Test
  void maintenanceIsAWarning() {
    nextcloud.on("/status.php", 200, STATUS.replace("false", "true")).on(META, 200, "{}");

    assertThat(examine(Optional.of(new AppId("app"))).get(0).severity())
        .isEqualTo(Severity.WARNING);
  }

  @Test
  void aClosedPortIsToldFromAnUnknownName() throws IOException {
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }

    assertThat(examine("http://127.0.0.1:" + closed).get(0).seen()).contains("connection refused");
    assertThat(examine("http://nextcloud.invalid").get(0).seen()).contains("does not resolve");
  }

  private List<Finding> examine(Optional<AppId> knownApp) {
    return examine(nextcloud.url(), knownApp);
  }

  private static List<Finding> examine(String url) {
    return examine(url, Optional.empty());
  }

  private static List<Finding> examine(String url, Optional<AppId> knownApp) {
    return new NextcloudCheck(AnsweringServer.probe(), TestNextclouds.at(url), knownApp)
        .examine()
        .toList();
  }

  private static Finding last(List<Finding> findings) {
    return findings.get(findings.size() - 1);
  }
}
