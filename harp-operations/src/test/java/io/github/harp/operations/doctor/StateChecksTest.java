// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.observe.RefusedLogins;
import io.github.harp.tunnel.pki.CertificateReport;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelStatus;
import io.vertx.core.net.SelfSignedCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StateChecksTest {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static final TunnelStatus NO_TUNNELS =
      new TunnelStatus(
          List.of(),
          0,
          0,
          new TunnelStatus.Totals(0, 0, 0, 0),
          Optional.empty(),
          TunnelStatus.Introductions.NONE);

  @Test
  void certificatesAreJudgedByTheirDatesAndTheirIssuer() {
    assertThat(judge(NOW.plus(Duration.ofDays(300)), true)).isEqualTo(Severity.OK);
    assertThat(judge(NOW.plus(Duration.ofDays(10)), true)).isEqualTo(Severity.WARNING);
    assertThat(judge(NOW.minus(Duration.ofDays(1)), true)).isEqualTo(Severity.FAILURE);
    assertThat(judge(NOW.plus(Duration.ofDays(300)), false)).isEqualTo(Severity.FAILURE);
  }

  @Test
  void aClientWithoutTlsIsToldWhichSideToChange() {
    var refused = new RefusedLogins(CLOCK);
    refused.refused(
        new InetSocketAddress("192.0.2.9", 4711), RefusalCode.NO_TLS, "TLS is required here");

    var finding = new TunnelsCheck(() -> NO_TUNNELS, refused, true).examine().toList().get(0);

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("192.0.2.9", "TLS is required here");
    assertThat(finding.remedy()).contains("/certs/frp");
  }

  @ParameterizedTest
  @DisplayName("S5: a container that was left over is told to be removed")
  @ValueSource(
      strings = {
        "client #3 may not open [demo]: remote port 23000 belongs to successor now",
        "client #3 may not open [demo]: Nextcloud does not know the ExApp demo of this token",
        "client #3 may not open [demo]: Nextcloud has demo at 127.0.0.1:23001, this token is for",
        "client #3 may not open [demo]: this token was made for an earlier deployment of demo"
      })
  void s5_aContainerThatWasLeftOverIsToldToBeRemoved(String reason) {
    var refused = new RefusedLogins(CLOCK);
    refused.refused(new InetSocketAddress("192.0.2.9", 4711), RefusalCode.PORT_OF_ANOTHER, reason);

    assertThat(new TunnelsCheck(() -> NO_TUNNELS, refused, true).examine().toList().get(0).remedy())
        .contains("docker rm -f nc_app_<id>");
  }

  @ParameterizedTest
  @DisplayName("F22: each kind of refusal has a remedy of its own")
  @CsvSource({
    "PROXY_PROTOCOL, send-proxy",
    "WEBSOCKET, HP_FRP_WEBSOCKET=off",
    "WEBSOCKET_WITHOUT_TLS, HP_FRP_WEBSOCKET=key",
    "HTTP, HP_EXAPPS_ADDRESS",
    "SSH, nothing but frp clients",
    "NOT_FRP, nothing but frp clients",
    "NO_TLS, /certs/frp",
    "CREDENTIAL, metadatas.token",
    "PORT_OF_ANOTHER, docker rm -f",
    "TOO_MANY, without logging in"
  })
  void f22_eachKindOfRefusalHasARemedyOfItsOwn(RefusalCode code, String remedy) {
    var refused = new RefusedLogins(CLOCK);
    refused.refused(new InetSocketAddress("192.0.2.9", 4711), code, "a token, a key and TLS");

    assertThat(new TunnelsCheck(() -> NO_TUNNELS, refused, true).examine().toList().get(0).remedy())
        .contains(remedy);
  }

  @Test
  void nobodyOverQuicMayMeanThatUdpIsBlocked() {
    var overQuic =
        new TunnelStatus(
            List.of(),
            0,
            0,
            NO_TUNNELS.totals(),
            Optional.of(new InetSocketAddress("0.0.0.0", 8783)),
            NO_TUNNELS.introductions());

    assertThat(new TunnelsCheck(() -> overQuic, new RefusedLogins(CLOCK), true).examine())
        .anyMatch(finding -> finding.seen().contains("UDP port 8783"))
        .allMatch(finding -> finding.severity() == Severity.NOTE);
  }

  @Test
  void aFloodOfRefusedClientsIsForgottenFromTheOldestOn() {
    var refused = new RefusedLogins(CLOCK);
    for (var i = 0; i < 1000; i++) {
      refused.refused(
          new InetSocketAddress("10.0." + i / 250 + "." + i % 250, 1),
          RefusalCode.CREDENTIAL,
          "token");
    }

    assertThat(refused.list()).hasSize(100);
    assertThat(refused.list().get(99).address().getHostAddress()).isEqualTo("10.0.3.249");
  }

  @Test
  void aBannedAddressIsShownWithItsReasonsAndTheWayOut() throws UnknownHostException {
    var bans = new BanList("users", 2, Duration.ofMinutes(5), Ticker.systemTicker());
    var address = InetAddress.getByName("203.0.113.7");
    bans.record(address, "NO_ROUTE");
    bans.record(address, "NO_ROUTE");

    var finding = new BansCheck(List.of(bans)).examine().toList().get(0);

    assertThat(finding.seen()).contains("203.0.113.7", "NO_ROUTE=2");
    assertThat(finding.remedy()).contains("harp bans clear 203.0.113.7");
  }

  @Test
  @DisplayName("S11: what other websites are banned from is shown for what it is")
  void s11_whatOtherWebsitesAreBannedFromIsShownForWhatItIs() throws UnknownHostException {
    var bans = Bans.of(1, Duration.ofMinutes(5), Ticker.systemTicker());
    bans.bySites().record(InetAddress.getByName("203.0.113.7"), "ANSWERED_401");

    var findings = new BansCheck(bans.all()).examine().toList();

    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).seen()).contains("sites: 203.0.113.7", "ANSWERED_401=1");
    assertThat(findings.get(0).meaning()).contains("everything else is not");
    assertThat(findings.get(0).remedy()).contains("harp bans clear 203.0.113.7");
  }

  @Test
  void whoGivesOrdersWithAWrongKeyIsShownBeforeAndAfterTheBan() throws UnknownHostException {
    var bans = new BanList("orders", 2, Duration.ofMinutes(5), Ticker.systemTicker());
    var nextcloud = InetAddress.getByName("192.0.2.5");
    bans.record(nextcloud, "WRONG_KEY_FOR_ORDER");
    var first = new BansCheck(List.of(bans)).examine().toList().get(0);
    bans.record(nextcloud, "WRONG_KEY_FOR_ORDER");
    var banned = new BansCheck(List.of(bans)).examine().toList().get(0);

    assertThat(first.severity()).isEqualTo(Severity.WARNING);
    assertThat(first.seen()).contains("192.0.2.5", "wrong key");
    assertThat(first.remedy()).contains("HP_SHARED_KEY here", "deploy daemon");
    assertThat(banned.severity()).isEqualTo(Severity.FAILURE);
    assertThat(banned.meaning()).contains("if that is Nextcloud's address");
    assertThat(banned.remedy()).contains("HP_SHARED_KEY here", "harp bans clear 192.0.2.5");
  }

  @Test
  void theCertificateForHttpsIsReadAsTheListenerReadsIt(@TempDir Path folder) throws Exception {
    var pem = folder.resolve("cert.pem");
    var made = SelfSignedCertificate.create("cloud.example.com");
    var both =
        Files.readString(Path.of(made.certificatePath()))
            + Files.readString(Path.of(made.privateKeyPath()));
    made.delete();
    Files.writeString(pem, both);
    Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-r--r--"));
    var now = Clock.systemUTC();

    assertThat(https(pem, now))
        .extracting(Finding::severity)
        .containsExactly(Severity.OK, Severity.WARNING);
    assertThat(https(pem, now).get(0).seen()).contains("cloud.example.com");
    assertThat(https(pem, now).get(1).remedy()).isEqualTo("chmod o-rwx " + pem);
    assertThat(https(pem, Clock.offset(now, Duration.ofDays(-36_500))).get(0).severity())
        .isEqualTo(Severity.FAILURE);

    Files.writeString(pem, "nothing of the kind");
    assertThat(https(pem, now).get(0).seen()).contains(pem.toString(), "nothing in PEM");
    assertThat(https(pem, now).get(0).severity()).isEqualTo(Severity.FAILURE);
    assertThat(https(pem, now).get(0).meaning()).contains("HTTPS accepts nobody");
    assertThat(https(pem, now).get(0).remedy()).contains("cat fullchain.pem privkey.pem");
    assertThat(https(folder, now).get(0).seen()).contains(folder + " is a folder");
  }

  private static List<Finding> https(Path file, Clock clock) {
    return new HttpsCertificateCheck(file, clock).examine().toList();
  }

  private static Severity judge(Instant notAfter, boolean signed) {
    var entry =
        new CertificateReport.Entry(
            "server.crt", "CN=harp.nc", "CN=harp.nc", notAfter, "EC 256", "00", signed);
    var report = new CertificateReport(Path.of("/certs/frp"), List.of(entry), List.of());
    return new CertificatesCheck(() -> report, CLOCK).examine().toList().get(0).severity();
  }
}
