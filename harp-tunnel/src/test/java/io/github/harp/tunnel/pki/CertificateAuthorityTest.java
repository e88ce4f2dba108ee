// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static io.github.harp.tunnel.pki.CertificateAuthority.SERVER_NAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.config.EngineExport;
import io.github.harp.tunnel.pki.stock.Credential;
import io.github.harp.tunnel.pki.stock.PemFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthorityTest {

  private static final Duration VALIDITY = Duration.ofDays(5000);

  @TempDir Path certs;
  private Path folder;
  private final SettableClock clock = new SettableClock();

  @BeforeEach
  void nameTheFolder() {
    folder = certs.resolve("frp");
  }

  private static X509Certificate certificate(Path file) throws IOException {
    return new PemFolder(file.getParent()).certificate(file.getFileName().toString()).orElseThrow();
  }

  @Test
  void makesANewFolderWithTheNamesThatClientsKnow() throws Exception {
    var report = open().describe();

    assertThat(report.folder()).isEqualTo(folder);
    assertThat(contents().keySet())
        .containsExactly(
            "ca.crt", "ca.key", "client.crt", "client.key", "server.crt", "server.key");
    assertThat(report.findings()).isEmpty();
    assertThat(report.entries())
        .extracting(CertificateReport.Entry::file, CertificateReport.Entry::subject)
        .containsExactly(
            tuple("ca.crt", "CN=harp.nc"),
            tuple("server.crt", "CN=harp.nc"),
            tuple("client.crt", "CN=harp.client.nc"));
    assertThat(Openssl.in(folder).run("x509 -in client.crt -noout -ext subjectAltName"))
        .contains("DNS:harp.client.nc");
    assertThat(Openssl.in(folder).run("x509 -in server.crt -noout -ext subjectAltName"))
        .contains("DNS:harp.nc");
    for (var key : List.of("ca.key", "server.key", "client.key")) {
      assertThat(Files.getPosixFilePermissions(folder.resolve(key)))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(report.entries())
        .allSatisfy(
            entry -> {
              assertThat(entry.issuer()).isEqualTo("CN=harp.nc");
              assertThat(entry.key()).isEqualTo("EC 256");
              assertThat(entry.signedByAuthority()).isTrue();
            });
  }

  @Test
  @DisplayName(
      "decision 28: the authority lives for 30 years, the validity in days is for the leaves")
  void theAuthorityOutlivesItsLeaves() throws Exception {
    var entries = open().describe().entries();
    assertThat(entries.get(0).remaining(clock.instant()))
        .isCloseTo(Duration.ofDays(30 * 365), Duration.ofDays(1));
    assertThat(entries.get(1).remaining(clock.instant())).isCloseTo(VALIDITY, Duration.ofDays(1));
  }

  @Test
  void opensslReadsAndVerifiesEverything() throws Exception {
    open();
    var openssl = Openssl.in(folder);
    assertThat(
            openssl.run(
                "verify -CAfile ca.crt -purpose sslserver -verify_hostname harp.nc server.crt"))
        .contains("server.crt: OK");
    assertThat(openssl.run("verify -CAfile ca.crt -purpose sslclient client.crt"))
        .contains("client.crt: OK");
    for (var key : List.of("ca.key", "server.key", "client.key")) {
      assertThat(Files.readString(folder.resolve(key))).startsWith("-----BEGIN PRIVATE KEY-----\n");
      assertThat(openssl.run("pkey -in " + key + " -check -noout")).contains("valid");
    }
    var fromCertificate = openssl.run("x509 -in server.crt -noout -pubkey");
    assertThat(openssl.run("pkey -in server.key -pubout")).isEqualTo(fromCertificate);
  }

  @Test
  void usesAFolderOfTheOriginalAsItIs() throws Exception {
    Openssl.in(Files.createDirectories(folder)).makeOriginalFolder(5000);
    var before = contents();

    var authority = open();

    assertThat(contents()).isEqualTo(before);
    assertThat(authority.describe().entries())
        .extracting(CertificateReport.Entry::key)
        .containsOnly("RSA 2048");
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
  }

  @Test
  void renewsAFolderOfTheOriginalFromItsOwnAuthority() throws Exception {
    Openssl.in(Files.createDirectories(folder)).makeOriginalFolder(5000);
    var oldAuthority = certificate(folder.resolve("ca.crt"));
    clock.advance(Duration.ofDays(4900));

    var renewed = open();

    assertThat(renewed.describe().entries())
        .allSatisfy(entry -> assertThat(entry.signedByAuthority()).isTrue());
    var authority = certificate(folder.resolve("ca.crt"));
    assertThat(authority.getPublicKey()).isEqualTo(oldAuthority.getPublicKey());
    assertThat(authority.getSubjectX500Principal())
        .isEqualTo(oldAuthority.getSubjectX500Principal());
    assertThat(authority.getNotAfter()).isAfter(oldAuthority.getNotAfter());
    assertThat(Credential.isSignedBy(certificate(folder.resolve("server.crt")), oldAuthority))
        .as("clients that still have the old ca.crt trust the new server certificate")
        .isTrue();
    Openssl.in(folder).run("verify -no_check_time -CAfile ca.crt server.crt client.crt");
  }

  @Test
  void bothSidesOfATunnelAcceptEachOther() throws Exception {
    var authority = open();
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
  }

  @Test
  void theClientVerifiesTheName() throws Exception {
    var authority = open();
    assertThat(
            Handshake.failure(
                authority.serverContext(), authority.clientContext(), "other.example"))
        .isNotNull();
  }

  @Test
  void aClientOfAnotherAuthorityIsRefused(@TempDir Path other) throws Exception {
    var stranger = CertificateAuthority.open(other, VALIDITY, clock);
    var strangers =
        io.netty.handler.ssl.SslContextBuilder.forClient()
            .keyManager(
                other.resolve("frp/client.crt").toFile(), other.resolve("frp/client.key").toFile())
            .trustManager(io.netty.handler.ssl.util.InsecureTrustManagerFactory.INSTANCE)
            .build();
    assertThat(stranger.clientFiles()).hasSize(3);
    assertThat(Handshake.failure(open().serverContext(), strangers, SERVER_NAME)).isNotNull();
  }

  @Test
  void renewsLeavesWellBeforeTheirEndWithoutRestart() throws Exception {
    var authority = open();
    var told = new ArrayList<List<String>>();
    authority.onRenewal(told::add);
    var before = contents();

    clock.advance(VALIDITY.minusDays(181));
    assertThat(authority.renewIfDue()).isEmpty();
    assertThat(contents()).isEqualTo(before);

    clock.advance(Duration.ofDays(2));
    assertThat(authority.renewIfDue()).containsExactly("server.crt", "client.crt");
    assertThat(told).containsExactly(List.of("server.crt", "client.crt"));
    assertThat(contents().get("ca.crt")).isEqualTo(before.get("ca.crt"));
    assertThat(authority.describe().entries().get(1).remaining(clock.instant()))
        .isCloseTo(VALIDITY, Duration.ofDays(1));
    assertThat(authority.renewIfDue()).isEmpty();
  }

  @Test
  void whatIsRenewedWhileItOpensIsToldAfterwards() throws Exception {
    assertThat(open().renewedAtOpening()).as("a new folder").isEmpty();
    assertThat(open().renewedAtOpening()).as("nothing to do").isEmpty();

    clock.advance(VALIDITY.minusDays(179));

    assertThat(open().renewedAtOpening()).containsExactly("server.crt", "client.crt");
  }

  @Test
  void aShortLifeIsRenewedAfterTwoThirds() throws Exception {
    var authority = CertificateAuthority.open(certs, Duration.ofDays(1), clock);
    clock.advance(Duration.ofHours(15));
    assertThat(authority.renewIfDue()).isEmpty();
    clock.advance(Duration.ofHours(2));
    assertThat(authority.renewIfDue()).containsExactly("server.crt", "client.crt");
  }

  @Test
  void whatWasMadeByAClockThatWasFarAheadIsMadeAgain() throws Exception {
    clock.advance(Duration.ofHours(5));
    var authority = open();
    clock.advance(Duration.ofHours(-5));

    assertThat(authority.renewIfDue()).contains("ca.crt", "server.crt", "client.crt");
    for (var file : List.of("ca.crt", "server.crt", "client.crt")) {
      assertThat(certificate(folder.resolve(file)).getNotBefore()).isBefore(clock.instant());
    }
    assertThat(authority.renewIfDue()).isEmpty();
  }

  @Test
  void reissuesAnAgeingAuthorityWithTheSameKey() throws Exception {
    var authority = open();
    var old = certificate(folder.resolve("ca.crt"));
    clock.advance(Duration.ofDays(27 * 365 + 10));

    assertThat(authority.renewIfDue()).contains("ca.crt", "server.crt", "client.crt");
    var fresh = certificate(folder.resolve("ca.crt"));
    assertThat(fresh.getPublicKey()).isEqualTo(old.getPublicKey());
    assertThat(fresh.getNotAfter().toInstant())
        .isCloseTo(clock.instant().plus(Duration.ofDays(30 * 365)), within(1, ChronoUnit.DAYS));
    assertThat(authority.describe().findings())
        .anySatisfy(finding -> assertThat(finding).contains("new ca.crt"));
  }

  @Test
  void noticesFilesThatSomebodyReplaced(@TempDir Path other) throws Exception {
    var authority = open();
    var before = authority.serverContext();
    CertificateAuthority.open(other, VALIDITY, clock);
    for (var file : contents().keySet()) {
      Files.copy(
          other.resolve("frp").resolve(file),
          folder.resolve(file),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    assertThat(authority.renewIfDue()).isEmpty();
    assertThat(authority.serverContext()).isNotSameAs(before);
    assertThat(authority.clientFiles())
        .containsEntry("ca.crt", Files.readString(folder.resolve("ca.crt")));
  }

  @Test
  void renewsOnDemand() throws Exception {
    var authority = open();
    assertThat(authority.renewNow()).containsExactly("server.crt", "client.crt");
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
  }

  @ParameterizedTest
  @DisplayName("W23 a missing file is made again, and nothing else")
  @ValueSource(strings = {"server.crt", "server.key", "client.crt", "client.key", "ca.crt"})
  void w23_aMissingFileIsMadeAgain(String missing) throws Exception {
    open();
    var before = contents();
    Files.delete(folder.resolve(missing));

    var authority = open();

    assertThat(contents().keySet()).containsExactlyElementsOf(before.keySet());
    assertThat(contents().get("ca.key")).isEqualTo(before.get("ca.key"));
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
  }

  @Test
  @DisplayName(
      "W23 an empty folder, which stopped the original from making certificates, is filled")
  void w23_anEmptyFolderIsFilled() throws Exception {
    Files.createDirectories(folder);
    open();
    assertThat(contents()).hasSize(6);
  }

  @Test
  void worksWithoutTheAuthoritysKeyAndSaysWhatWillNotWork() throws Exception {
    open();
    Files.delete(folder.resolve("ca.key"));
    var authority = open();
    assertThat(authority.describe().findings())
        .anySatisfy(finding -> assertThat(finding).contains("ca.key"));
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
  }

  @Test
  void withoutKeyAndServerCertificateItSaysWhatToDo() throws Exception {
    open();
    Files.delete(folder.resolve("ca.key"));
    Files.delete(folder.resolve("server.key"));
    assertThatThrownBy(this::open)
        .isInstanceOf(TunnelException.class)
        .hasMessageContaining("without ca.key")
        .hasMessageContaining("restore");
  }

  @Test
  void neverOverwritesAnAuthoritysKeyThatItCannotRead() throws Exception {
    open();
    Files.writeString(folder.resolve("ca.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n");
    Files.delete(folder.resolve("ca.crt"));
    assertThatThrownBy(this::open)
        .isInstanceOf(TunnelException.class)
        .hasMessageContaining("ca.key");
    assertThat(Files.readString(folder.resolve("ca.key"))).contains("ENCRYPTED");
  }

  @Test
  void aBrokenFileIsPutAsideAndReplaced() throws Exception {
    open();
    Files.writeString(folder.resolve("server.crt"), "garbage");
    open();
    assertThat(Files.readString(folder.resolve("server.crt.old"))).isEqualTo("garbage");
    assertThat(Files.readString(folder.resolve("server.crt"))).startsWith("-----BEGIN CERTIFICATE");
  }

  @Test
  void aFolderThatCannotBeWrittenMeansMemoryAndAnError() throws Exception {
    Files.writeString(folder, "a file where the folder should be");

    var authority = open();

    assertThat(authority.describe().findings())
        .anySatisfy(
            finding ->
                assertThat(finding).contains("cannot be written").contains("lives in memory"));
    assertThat(Handshake.failure(authority.serverContext(), authority.clientContext(), SERVER_NAME))
        .isNull();
    var context = authority.serverContext();
    assertThat(authority.renewIfDue()).as("what is in memory stays").isEmpty();
    assertThat(authority.serverContext()).isSameAs(context);
  }

  @Test
  @DisplayName("W15 a key that others can read is reported")
  void w15_aKeyThatOthersCanReadIsReported() throws Exception {
    open();
    Files.setPosixFilePermissions(
        folder.resolve("client.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(open().describe().findings())
        .anySatisfy(finding -> assertThat(finding).contains("client.key").contains("rw-r--r--"));
  }

  @Test
  void inspectionReportsAndTouchesNothing() throws Exception {
    assertThat(CertificateAuthority.inspect(certs, clock).findings())
        .containsExactly("ca.crt is missing", "server.crt is missing", "client.crt is missing");
    assertThat(Files.exists(folder)).isFalse();

    open();
    assertThat(CertificateAuthority.inspect(certs, clock)).isEqualTo(open().describe());

    Files.copy(
        folder.resolve("client.key"),
        folder.resolve("server.key"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.delete(folder.resolve("ca.key"));
    clock.advance(Duration.ofDays(5001));
    var before = contents();
    assertThat(CertificateAuthority.inspect(certs, clock).findings())
        .anySatisfy(finding -> assertThat(finding).isEqualTo("ca.key is missing"))
        .anySatisfy(
            finding -> assertThat(finding).isEqualTo("server.key does not belong to server.crt"))
        .anySatisfy(finding -> assertThat(finding).startsWith("client.crt ended on"));
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void exportsAFolderForARemoteEngine(@TempDir Path target) throws Exception {
    new EngineExport("harp.example.org", 8782, 24001).write(target, open().clientFiles());

    assertThat(target.toFile().list())
        .containsExactlyInAnyOrder(
            "ca.crt", "client.crt", "client.key", "frpc.toml", "compose.yaml");
    assertThat(Files.getPosixFilePermissions(target.resolve("client.key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.readString(target.resolve("frpc.toml")))
        .contains(
            "serverAddr = \"harp.example.org\"",
            "remotePort = 24001",
            "name = \"deploy-daemon-1\"",
            "harp.nc");
    assertThatThrownBy(() -> new EngineExport("harp", 8782, 23000))
        .hasMessageContaining("24000-24099");
    assertThatThrownBy(() -> new EngineExport("a\"b", 8782, 24001))
        .hasMessageContaining("host name");
  }

  private CertificateAuthority open() throws TunnelException {
    return CertificateAuthority.open(certs, VALIDITY, clock);
  }

  private Map<String, String> contents() throws Exception {
    var contents = new TreeMap<String, String>();
    try (var files = Files.list(folder)) {
      for (var file : files.toList()) {
        contents.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    return contents;
  }
}
