// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static io.github.harp.proxy.wire.PemText.certificate;
import static io.github.harp.proxy.wire.PemText.key;
import static io.github.harp.proxy.wire.PemText.keyPair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTPS with the certificate files that HAProxy takes, and their replacement while running. */
class TlsTest {

  @TempDir Path folder;
  private ScriptedServer exApp;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            ScriptedServer.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  }

  @AfterEach
  void stop() throws Exception {
    exApp.close();
  }

  private Path pem() {
    return folder.resolve("cert.pem");
  }

  private TestProxy startProxy() {
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return TestProxy.start(TestProxy.options().tls(pem(), loopback)).with(exApp);
  }

  static SSLContext trustAll() throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustingManager()}, null);
    return context;
  }

  /** The name in the certificate that new connections get. */
  private static String servedName(TestProxy proxy) throws Exception {
    try (var socket = connect(proxy)) {
      var certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }

  private static SSLSocket connect(TestProxy proxy) throws Exception {
    var socket =
        (SSLSocket)
            trustAll()
                .getSocketFactory()
                .createSocket("localhost", proxy.proxy().tlsAddresses().get(0).getPort());
    socket.startHandshake();
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA PKCS#8", "RSA PKCS#1", "EC PKCS#8", "EC SEC1"})
  void allFormatsOfKeysAreRead(String kind) throws Exception {
    var pair = keyPair(kind.split(" ")[0]);
    Files.writeString(pem(), key(pair, kind.split(" ")[1]) + certificate(pair, "one"));
    try (var proxy = startProxy()) {
      assertThat(servedName(proxy)).isEqualTo("CN=one");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
  void theProtocolIsAgreedUponInTheHandshake(HttpClient.Version version) throws Exception {
    var pair = keyPair("EC");
    Files.writeString(pem(), certificate(pair, "one") + key(pair, "PKCS#8"));
    try (var proxy = startProxy()) {
      var client = HttpClient.newBuilder().sslContext(trustAll()).version(version).build();
      int port = proxy.proxy().tlsAddresses().get(0).getPort();
      var request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/exapps/app/x"));
      var answer = client.send(request.build(), BodyHandlers.ofString());

      assertThat(answer.body()).isEqualTo("ok");
      assertThat(answer.version()).isEqualTo(version);
    }
  }

  @Test
  void aNewFileIsUsedForNewConnectionsAndOldOnesGoOn() throws Exception {
    var first = keyPair("EC");
    Files.writeString(pem(), certificate(first, "first") + key(first, "PKCS#8"));
    try (var proxy = startProxy();
        var old = connect(proxy)) {
      var second = keyPair("RSA");
      Files.writeString(pem(), certificate(second, "second") + key(second, "PKCS#1"));
      assertThat(TestProxy.await(proxy.proxy().reloadCertificates())).isTrue();

      assertThat(servedName(proxy)).isEqualTo("CN=second");
      var connection = new RawConnection(old);
      connection.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
      assertThat(connection.readResponse().text()).isEqualTo("ok");
    }
  }

  @Test
  void aChangedFileIsNoticedWithoutASignal() throws Exception {
    var first = keyPair("EC");
    Files.writeString(pem(), certificate(first, "first") + key(first, "PKCS#8"));
    try (var proxy = startProxy()) {
      var second = keyPair("EC");
      Files.writeString(pem(), certificate(second, "second") + key(second, "PKCS#8"));
      Files.setLastModifiedTime(pem(), FileTime.from(Instant.now().plusSeconds(5)));

      org.awaitility.Awaitility.await()
          .atMost(java.time.Duration.ofSeconds(30))
          .until(() -> servedName(proxy).equals("CN=second"));
    }
  }

  @Test
  void aTruncatedAnswerDoesNotEndWithAProperGoodbye() throws Exception {
    var pair = keyPair("EC");
    Files.writeString(pem(), certificate(pair, "one") + key(pair, "PKCS#8"));
    exApp.play(
        connection -> {
          connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        });
    try (var proxy = startProxy();
        var socket = connect(proxy)) {
      var client = new RawConnection(socket);
      client.send("GET /exapps/app/x HTTP/1.0\r\n\r\n");

      assertThatThrownBy(() -> client.in().readAllBytes()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRefusalReachesAClientThatIsStillSending() throws Exception {
    var pair = keyPair("EC");
    Files.writeString(pem(), certificate(pair, "one") + key(pair, "PKCS#8"));
    try (var proxy = startProxy();
        var socket = connect(proxy)) {
      var client = new RawConnection(socket);
      client.send("GET /exapps/app/x HTTP/1.1\r\nHost : h\r\n\r\n");
      client.send(new byte[16 * 1024 * 1024]);

      assertThat(client.readResponse().status()).isEqualTo(400);
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "key only", "certificate only", "another key"})
  void aBrokenFileLeavesTheCertificateInUse(String kind) throws Exception {
    var pair = keyPair("EC");
    Files.writeString(pem(), certificate(pair, "good") + key(pair, "PKCS#8"));
    try (var proxy = startProxy()) {
      Files.writeString(pem(), broken(kind, pair));
      assertThat(TestProxy.await(proxy.proxy().reloadCertificates())).isFalse();

      assertThat(servedName(proxy)).isEqualTo("CN=good");
    }
  }

  private static String broken(String kind, KeyPair pair) throws Exception {
    return switch (kind) {
      case "key only" -> key(pair, "PKCS#8");
      case "certificate only" -> certificate(pair, "x");
      case "another key" -> certificate(pair, "x") + key(keyPair("EC"), "PKCS#8");
      default -> kind;
    };
  }

  @ParameterizedTest(name = "F9: {0}")
  @ValueSource(strings = {"", "nonsense", "key only", "certificate only", "another key"})
  void aBrokenFileKeepsPlainHttpAliveAndIsTakenWhenItIsMended(String kind) throws Exception {
    var pair = keyPair("EC");
    Files.writeString(pem(), broken(kind, pair));
    try (var proxy = startProxy()) {
      try (var plain = proxy.connect()) {
        plain.send("GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(plain.readResponse().text()).isEqualTo("ok");
      }
      assertThatThrownBy(() -> connect(proxy)).isInstanceOf(IOException.class);

      Files.writeString(pem(), certificate(pair, "mended") + key(pair, "PKCS#8"));
      assertThat(TestProxy.await(proxy.proxy().reloadCertificates())).isTrue();
      assertThat(servedName(proxy)).isEqualTo("CN=mended");
    }
  }

  /** The tests know their certificates. */
  private static final class TrustingManager extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
