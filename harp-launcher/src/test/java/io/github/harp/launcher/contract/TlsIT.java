// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static io.github.harp.launcher.contract.NextcloudDouble.route;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.SelfSignedCertificate;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contract 1.1 and 9.5: the listener with TLS, for HTTP/1.1 and HTTP/2. */
class TlsIT {

  private static final NextcloudDouble NEXTCLOUD = new NextcloudDouble(Stage.KEY);
  private static final int PORT = HarpProcess.freePort();
  @TempDir static Path folder;
  private static Path pem;
  private static RawServer exApp;
  private static HarpProcess harp;

  @BeforeAll
  static void start() throws Exception {
    exApp = new RawServer();
    pem = folder.resolve("cert.pem");
    NEXTCLOUD.register("app", exApp.port(), List.of(route(".*", 0)));
  }

  @AfterAll
  static void stop() {
    harp.close();
    exApp.close();
  }

  @Test
  void bothProtocolsAreSpokenAndANewCertificateIsTakenUp() throws Exception {
    var first = certificate();
    var environment = Stage.environment(NEXTCLOUD.port());
    environment.put("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:" + PORT);
    environment.put("HP_CERTS_DIR", folder.toString());
    harp = HarpProcess.start(environment).awaitListening(PORT);
    var client = trusting(first);

    assertThat(get(client, HttpClient.Version.HTTP_2))
        .extracting(HttpResponse::statusCode, HttpResponse::version)
        .containsExactly(200, HttpClient.Version.HTTP_2);
    assertThat(get(client, HttpClient.Version.HTTP_1_1))
        .extracting(HttpResponse::statusCode, HttpResponse::version)
        .containsExactly(200, HttpClient.Version.HTTP_1_1);

    Files.writeString(pem, "not a certificate");
    harp.hangUp();
    Awaitility.await().until(() -> harp.output().contains("cert.pem"));
    assertThat(get(trusting(first), HttpClient.Version.HTTP_2).statusCode())
        .as("a broken file changes nothing")
        .isEqualTo(200);

    var second = trusting(certificate());
    harp.hangUp();
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(get(second, HttpClient.Version.HTTP_2).statusCode()).isEqualTo(200));
    assertThat(get(client, HttpClient.Version.HTTP_2).statusCode())
        .as("the old connection goes on")
        .isEqualTo(200);
  }

  private static HttpResponse<String> get(HttpClient client, HttpClient.Version version)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + PORT + "/exapps/app/x"))
            .version(version)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** Writes chain and key into one file, as HAProxy reads it. */
  private static Path certificate() throws Exception {
    var certificate = SelfSignedCertificate.create("localhost");
    var chain = Files.readString(Path.of(certificate.certificatePath()));
    Files.writeString(pem, chain + Files.readString(Path.of(certificate.privateKeyPath())));
    return Path.of(certificate.certificatePath());
  }

  private static HttpClient trusting(Path certificate) throws Exception {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (var in = Files.newInputStream(certificate)) {
      store.setCertificateEntry(
          "harp", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }
}
