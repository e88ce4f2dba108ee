// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.operations.GatewayFacts;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.proxy.RequestRecord;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicUrlCheckTest {

  private final AnsweringServer front = new AnsweringServer();
  private final NonceWitness witness = new NonceWitness();
  private String host = URI.create(front.url()).getAuthority();

  @AfterEach
  void stop() {
    front.close();
  }

  @Test
  void aProxyThatDoesNotForwardGetsTheLinesToWrite() {
    var finding = examine("").get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("answered with 404 by somebody else");
    assertThat(finding.remedy())
        .contains("location ^~ /exapps/", "server 127.0.0.1:8780;", "reverse_proxy");
  }

  /** F16: the text that documents show and that is run by the tests of reverse proxies. */
  @Test
  void theLinesToWriteAreTheTestedOnes() {
    var remedy = examine("").get(0).remedy();

    for (var lines : ReverseProxyLines.values()) {
      assertThat(remedy)
          .contains(lines.text("127.0.0.1:8780", "").stripTrailing())
          .doesNotContain("harp:8780");
    }
  }

  @Test
  @DisplayName("F15: Nextcloud's folder in NC_INSTANCE_URL may stay in the path")
  void theFolderOfNextcloudMayStayInThePath() {
    forwards("/nextcloud", "192.0.2.1", "203.0.113.7");

    assertThat(examine("192.0.2.0/24", "/nextcloud"))
        .extracting(Finding::severity)
        .containsOnly(Severity.OK);
  }

  @Test
  void aProxyThatIsTrustedAndNamesTheClientIsFine() {
    forwards("", "192.0.2.1", "203.0.113.7");

    assertThat(examine("192.0.2.0/24")).extracting(Finding::severity).containsOnly(Severity.OK);
  }

  @Test
  void aProxyThatIsNotTrustedGivesTheValueToSet() {
    forwards("", "192.0.2.1", "192.0.2.1");

    var finding = examine("").get(1);

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.remedy()).isEqualTo("HP_TRUSTED_PROXY_IPS=192.0.2.1");
  }

  @Test
  void aTrustedProxyThatKeepsTheClientToItselfGetsTheHeaderToSet() {
    forwards("", "192.0.2.1", "192.0.2.1");

    assertThat(examine("192.0.2.1").get(1).remedy()).contains("X-Forwarded-For");
  }

  @Test
  void aProxyThatChangesThePathIsFound() {
    forwards("/nextcloud", "192.0.2.1", "203.0.113.7");

    var finding = examine("192.0.2.1").get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("arrives here as /nextcloud/exapps/~doctor-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "harp:8780", ""})
  void aProxyThatChangesTheHostGetsTheLineToWrite(String arrived) {
    host = arrived;
    forwards("", "192.0.2.1", "203.0.113.7");

    assertThat(examine("192.0.2.1"))
        .filteredOn(finding -> finding.severity() == Severity.WARNING)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.seen()).contains("for the host '" + arrived + "'");
              assertThat(finding.remedy()).contains("Host $http_host", "ProxyPreserveHost On");
            });
  }

  @Test
  void whatIsNoUrlIsSaidSo() {
    var finding =
        new PublicUrlCheck(
                AnsweringServer.probe(), witness, "cloud.example.com", listeners("", false), "")
            .examine()
            .toList()
            .get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.remedy()).contains("--public-url", "https://");
  }

  @ParameterizedTest
  @CsvSource({
    "nginx/1.22.1, true, 1",
    "nginx/1.28.0, true, 1",
    "nginx/1.29.0, true, 0",
    "nginx/1.22.1, false, 0",
    "Caddy, true, 0"
  })
  void anNginxThatTakesEarlyHintsForTheAnswerIsAFailure(
      String server, boolean earlyHints, int failures) {
    front.whenAsked(
        path -> {
          front.on(path, 404, "", Map.of("server", server));
          witness.finished(arrival(path, "192.0.2.1", "203.0.113.7"));
        });

    assertThat(examine("192.0.2.1", "", earlyHints))
        .filteredOn(finding -> finding.severity() == Severity.FAILURE)
        .hasSize(failures)
        .allSatisfy(finding -> assertThat(finding.remedy()).contains("HP_EARLY_HINTS=false"));
  }

  @Test
  void theKeyNeverTravels() {
    forwards("", "192.0.2.1", "203.0.113.7");

    examine("192.0.2.1");

    assertThat(front.keys()).isEmpty();
  }

  /** Makes the front behave like a proxy before HaRP: the request arrives, with another path. */
  private void forwards(String prefix, String peer, String client) {
    front.whenAsked(path -> witness.finished(arrival(prefix + path, peer, client)));
  }

  private List<Finding> examine(String trusted) {
    return examine(trusted, "");
  }

  private List<Finding> examine(String trusted, String folder) {
    return examine(trusted, folder, false);
  }

  private static GatewayFacts.Listeners listeners(String trusted, boolean earlyHints) {
    return new GatewayFacts.Listeners(
        ListenAddress.parse("0.0.0.0:8780"),
        Map.of(),
        Optional.empty(),
        TrustedProxies.parse(trusted),
        earlyHints);
  }

  private List<Finding> examine(String trusted, String folder, boolean earlyHints) {
    return new PublicUrlCheck(
            AnsweringServer.probe(),
            witness,
            front.url() + "/",
            listeners(trusted, earlyHints),
            folder)
        .examine()
        .toList();
  }

  private RequestRecord arrival(String path, String peer, String client) {
    return new RequestRecord(
        "1",
        "HTTP/1.1",
        "GET",
        path,
        host,
        new Verdict(
            new Decision.Refuse(404, Duration.ZERO, ""),
            Instance.of(
                SharedKey.of("a-shared-key-of-the-tests"),
                new FakeNextcloud(),
                Bans.of(Ticker.systemTicker()),
                Ticker.systemTicker()),
            Reason.UNKNOWN_EXAPP,
            address(client),
            false,
            true),
        address(peer),
        404,
        false,
        null,
        null,
        Duration.ZERO,
        null,
        Duration.ZERO,
        0,
        0);
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
