// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend;

import static io.github.harp.proxy.wire.PemText.block;
import static io.github.harp.proxy.wire.PemText.certificate;
import static io.github.harp.proxy.wire.PemText.key;
import static io.github.harp.proxy.wire.PemText.keyPair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** F9: what HAProxy takes for a {@code cert.pem}, and what is said of what it does not. */
class PemFileTest {

  private static final KeyPair SERVER = made("EC");
  private static final KeyPair OTHER = made("RSA");
  private static final KeyPair MIDDLE = made("EC");

  @TempDir Path folder;

  private record Case(String name, String text, List<String> chain) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> whatIsTaken() throws Exception {
    var server = certificate(SERVER, "server", MIDDLE, "middle");
    var middle = certificate(MIDDLE, "middle", OTHER, "root");
    var root = certificate(OTHER, "root");
    var serverKey = key(SERVER, "PKCS#8");
    var dh = block("DH PARAMETERS", new byte[] {0x30, 6, 2, 1, 23, 2, 1, 5});
    var curve = block("EC PARAMETERS", new byte[] {6, 8, 42, -122, 72, -50, 61, 3, 1, 7});
    var chain = List.of("CN=server", "CN=middle");
    return Stream.of(
        new Case("chain, then key", server + middle + serverKey, chain),
        new Case("key first", serverKey + server + middle, chain),
        new Case("key between", server + serverKey + middle, chain),
        new Case("parameters of Diffie-Hellman", server + middle + serverKey + dh, chain),
        new Case("as openssl ecparam -genkey writes", server + middle + curve + serverKey, chain),
        new Case(
            "comments",
            "Bag Attributes\n    friendlyName: gr\u00fc\u00dfe\n"
                + server
                + "\n# next\n"
                + middle
                + serverKey,
            chain),
        new Case(
            "line ends of Windows", (server + middle + serverKey).replace("\n", "\r\n"), chain),
        new Case(
            "a list of revoked ones",
            server + middle + block("X509 CRL", new byte[] {1}) + serverKey,
            chain),
        new Case(
            "an old label",
            server.replace("N CERT", "N X509 CERT").replace("D CERT", "D X509 CERT")
                + middle
                + serverKey,
            chain),
        new Case(
            "two chains with their keys",
            server + middle + serverKey + root + key(OTHER, "PKCS#1"),
            List.of("CN=server", "CN=middle", "CN=root")),
        new Case(
            "another chain",
            server + serverKey + certificate(OTHER, "elsewhere"),
            List.of("CN=server")),
        new Case("the wrong order", middle + server + serverKey, chain),
        new Case(
            "a key that nothing needs", server + middle + key(OTHER, "PKCS#1") + serverKey, chain),
        new Case(
            "a key that nobody understands",
            server + middle + block("DSA PRIVATE KEY", new byte[] {1}) + serverKey,
            chain));
  }

  @ParameterizedTest(name = "F9: {0}")
  @MethodSource("whatIsTaken")
  void isTaken(Case pem) throws Exception {
    Files.writeString(file(), pem.text());

    var read = PemFile.read(file());

    assertThat(read.key()).isEqualTo(SERVER.getPrivate());
    assertThat(read.chain())
        .extracting(each -> each.getSubjectX500Principal().getName())
        .containsExactlyElementsOf(pem.chain());
  }

  @Test
  void theKeyMayStandBesideIt() throws Exception {
    Files.writeString(file(), certificate(SERVER, "server"));
    Files.writeString(folder.resolve("cert.pem.key"), key(SERVER, "SEC1"));

    assertThat(PemFile.read(file()).chain()).hasSize(1);
  }

  @Test
  void aChangedKeyBesideItIsNoticed() throws Exception {
    Files.writeString(file(), certificate(SERVER, "server"));
    var certificate = TlsCertificate.load(file());
    assertThat(certificate.context()).isNull();

    Files.writeString(folder.resolve("cert.pem.key"), key(SERVER, "SEC1"));
    certificate.reloadIfChanged();

    assertThat(certificate.context()).isNotNull();
  }

  static Stream<Case> whatNobodyTakes() throws Exception {
    var server = certificate(SERVER, "server");
    return Stream.of(
        new Case("an empty file", "", List.of("cert.pem", "found nothing in PEM")),
        new Case(
            "no key", server, List.of("cert.pem: found CERTIFICATE and no file", "cert.pem.key")),
        new Case(
            "an encrypted key",
            server + block("ENCRYPTED PRIVATE KEY", new byte[] {0x30, 0}),
            List.of("cert.pem", "ENCRYPTED PRIVATE KEY")),
        new Case(
            "somebody else's key", server + key(OTHER, "PKCS#8"), List.of("cert.pem", "CN=server")),
        new Case(
            "a broken certificate",
            server.replaceFirst("\n...", "\n???") + key(SERVER, "PKCS#8"),
            List.of("cert.pem can't be used: part 1")),
        new Case(
            "a certificate that ends early",
            server.substring(0, 200),
            List.of("cert.pem can't be used: part 1")),
        new Case(
            "too much of it", server.repeat(201), List.of("cert.pem has more than 200 parts")));
  }

  @ParameterizedTest(name = "F9: {0}")
  @MethodSource("whatNobodyTakes")
  void isRefusedInWordsThatNameTheFile(Case pem) throws Exception {
    Files.writeString(file(), pem.text());

    assertThatThrownBy(() -> PemFile.read(file()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(pem.chain().toArray(String[]::new));
  }

  private Path file() {
    return folder.resolve("cert.pem");
  }

  private static KeyPair made(String algorithm) {
    try {
      return keyPair(algorithm);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
