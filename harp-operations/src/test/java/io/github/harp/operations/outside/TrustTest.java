// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.nextcloud.NextcloudClient;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SelfSignedCertificate;
import io.vertx.core.net.TrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the gateway trusts, the doctor trusts, and nothing else. */
class TrustTest {

  private final Vertx vertx = Vertx.vertx();
  private final SelfSignedCertificate certificate = SelfSignedCertificate.create("localhost");
  private int port;

  @BeforeEach
  void listen() throws Exception {
    var options =
        new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions());
    port =
        vertx
            .createHttpServer(options)
            .requestHandler(
                request ->
                    request
                        .response()
                        .setStatusCode(404)
                        .putHeader("content-type", "application/json")
                        .end("{\"message\":\"ExApp not found\"}"))
            .listen(0, "127.0.0.1")
            .await(30, TimeUnit.SECONDS)
            .actualPort();
  }

  @AfterEach
  void close() {
    vertx.close().await();
    certificate.delete();
  }

  @Test
  void anAuthorityThatTheAdministratorAddedIsTrustedByBoth() throws Exception {
    var bundles = List.of(Path.of(certificate.certificatePath()));

    assertThat(gatewayReaches("localhost", bundles)).isTrue();
    assertThat(doctorSees("localhost", bundles)).isInstanceOf(HttpProbe.Answer.class);
  }

  @Test
  void anUnknownAuthorityIsTrustedByNeither() throws Exception {
    assertThat(gatewayReaches("localhost", List.of())).isFalse();
    assertThat(doctorSees("localhost", List.of()))
        .isInstanceOfSatisfying(
            HttpProbe.Silence.class,
            silence -> assertThat(silence.trouble()).isEqualTo(HttpProbe.Trouble.TLS));
  }

  @Test
  void aCertificateForAnotherNameIsAcceptedByNeither() throws Exception {
    var bundles = List.of(Path.of(certificate.certificatePath()));

    assertThat(gatewayReaches("127.0.0.1", bundles)).isFalse();
    assertThat(doctorSees("127.0.0.1", bundles))
        .isInstanceOfSatisfying(
            HttpProbe.Silence.class,
            silence -> assertThat(silence.trouble()).isEqualTo(HttpProbe.Trouble.TLS));
  }

  private static TrustOptions trusting(List<Path> bundles) {
    var trust = new PemTrustOptions();
    bundles.forEach(bundle -> trust.addCertPath(bundle.toString()));
    return bundles.isEmpty() ? TrustedAuthorities.ofSystem() : trust;
  }

  private HttpProbe.Result doctorSees(String host, List<Path> bundles) {
    return new HttpProbe(AnsweringServer.OUTSIDE, trusting(bundles))
        .get("https://" + host + ":" + port + "/status.php", Map.of());
  }

  private boolean gatewayReaches(String host, List<Path> bundles) throws Exception {
    var client =
        NextcloudClient.with(
            vertx,
            new DnsHostNames(((VertxInternal) vertx).nettyEventLoopGroup()),
            NextcloudAddress.parse("https://" + host + ":" + port),
            SharedKey.of("the-key-of-the-test"),
            trusting(bundles));
    try {
      client.exApp(new AppId("demo")).await(30, TimeUnit.SECONDS);
      return true;
    } catch (HarpException e) {
      return false;
    }
  }
}
