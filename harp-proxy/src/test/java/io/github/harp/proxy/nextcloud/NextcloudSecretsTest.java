// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SelfSignedCertificate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is told what: of a request, the key, and a redirect. */
class NextcloudSecretsTest extends NextcloudQuestions {

  @Test
  @DisplayName(
      "F18, W12: Nextcloud gets what goes from end to end, and nothing of our own question")
  void f18_nextcloudGetsWhatGoesFromEndToEnd() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var head =
        TestHead.of("POST", "/")
            .with("Cookie", "a=1")
            .with("Cookie", "oc_sessionPassphrase=p\u00e9")
            .with("Authorization", "Bearer first")
            .with("Authorization", "Bearer last")
            .with("User-Agent", "Firefox")
            .with("X-Forwarded-For", "10.0.0.1")
            .with("X-Forwarded-For", "10.0.0.2")
            .with("OCS-APIRequest", "true")
            .with("X-Authentik-Username", "alice")
            .with("Remote-User", "a copy")
            .with("Remote-User", "alice");

    get(client.user(new AppId("demo"), head));

    var sent = nextcloud.lastRequest().headers();
    assertThat(sent.names().stream().map(String::toLowerCase).sorted())
        .containsExactly(
            "accept",
            "authorization",
            "cookie",
            "harp-shared-key",
            "host",
            "ocs-apirequest",
            "remote-user",
            "user-agent",
            "x-authentik-username",
            "x-forwarded-for");
    assertThat(sent.getAll("cookie")).containsExactly("a=1; oc_sessionPassphrase=p\u00e9");
    assertThat(sent.getAll("authorization")).containsExactly("Bearer last");
    assertThat(sent.getAll("remote-user")).containsExactly("alice");
    assertThat(sent.getAll("x-forwarded-for")).containsExactly("10.0.0.1, 10.0.0.2");
    assertThat(sent.getAll("harp-shared-key")).containsExactly("the-key");
    assertThat(sent.get("host")).isEqualTo("127.0.0.1:" + nextcloud.port());
  }

  @ParameterizedTest
  @DisplayName("F18, W12: what is about a connection, a body or a part stays here")
  @ValueSource(
      strings = {
        "Host: evil",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "Content-Length: 12",
        "Content-Type: text/plain",
        "Content-Encoding: gzip",
        "Content-Range: bytes 0-1/2",
        "Digest: x",
        "Transfer-Encoding: chunked",
        "Connection: upgrade",
        "Keep-Alive: 5",
        "Proxy-Connection: close",
        "Proxy-Authorization: Basic x",
        "TE: trailers",
        "Trailer: x",
        "Upgrade: websocket",
        "HTTP2-Settings: x",
        "Expect: 100-continue",
        "Sec-WebSocket-Key: abc",
        "Sec-WebSocket-Protocol: abc",
        "If-Match: x",
        "If-None-Match: x",
        "If-Modified-Since: x",
        "If-Unmodified-Since: x",
        "If-Range: x",
        "Range: bytes=0-1",
        "X-Nominated: 1",
        "harp-shared-key: forged",
        "HARP_SHARED_KEY: forged",
        "EX-APP-ID: demo",
        "AUTHORIZATION-APP-API: eA==",
        "AA-VERSION: 1",
      })
  void f18_theRestStaysHere(String line) throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var parts = line.split(": ");

    get(
        client.user(
            new AppId("demo"),
            TestHead.of("POST", "/").with(parts[0], parts[1]).with("Connection", "X-Nominated")));

    assertThat(nextcloud.lastRequest().headers().entries())
        .noneMatch(it -> it.getKey().equalsIgnoreCase(parts[0]) && it.getValue().equals(parts[1]));
  }

  @Test
  @DisplayName("F18: nobody takes a session or an address away by naming it in Connection")
  void f18_whoAsksCannotBeNominated() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");

    get(
        client.user(
            new AppId("demo"),
            TestHead.of("GET", "/")
                .with("Connection", "close, Cookie, X-Forwarded-For, Authorization")
                .with("Cookie", "a=1")
                .with("X-Forwarded-For", "10.0.0.1")
                .with("Authorization", "Bearer x")));

    assertThat(nextcloud.lastRequest().headers().names().stream().map(String::toLowerCase))
        .contains("cookie", "x-forwarded-for", "authorization");
  }

  @Test
  void headersAreCopiedBeforeTheCallReturns() throws Exception {
    nextcloud.answersJson(200, "{\"access_level\": 0}");
    var head = TestHead.of("GET", "/").with("Cookie", "a=1");

    var user = client.user(new AppId("demo"), head);
    head.lines().clear();
    get(user);

    assertThat(nextcloud.lastRequest().getHeader("cookie")).isEqualTo("a=1");
  }

  @Test
  void cookiesOfNextcloudAreNeverSentAgain() throws Exception {
    nextcloud.answers(
        request ->
            request
                .response()
                .putHeader("set-cookie", "nc_session=of-somebody; Path=/")
                .putHeader("content-type", "application/json")
                .end("{\"access_level\": 0}"));

    get(client.user(new AppId("demo"), TestHead.of("GET", "/")));
    get(client.user(new AppId("demo"), TestHead.of("GET", "/")));

    assertThat(nextcloud.lastRequest().getHeader("cookie")).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void w13_aRedirectElsewhereIsAConfigurationErrorAndNobodyGetsTheKey(int status) throws Exception {
    var elsewhere = new ScriptedNextcloud(vertx);
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(status)
                .putHeader("location", "http://127.0.0.1:" + elsewhere.port() + request.uri())
                .end());

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, "NC_INSTANCE_URL");
    assertThat(elsewhere.requests()).isEmpty();
  }

  @Test
  void w13_aRedirectToTlsOnTheSameHostIsFollowedAndRemembered() throws Exception {
    var certificate = SelfSignedCertificate.create("localhost");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    secure.answersJson(200, META);
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(301)
                .putHeader("location", "https://localhost:" + secure.port() + request.uri())
                .end());
    var trusting =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("http://localhost:" + nextcloud.port()),
            SharedKey.of("the-key"),
            certificate.trustOptions());

    assertThat(get(trusting.exApp(new AppId("demo")))).isPresent();
    assertThat(get(trusting.exApp(new AppId("demo")))).isPresent();

    assertThat(nextcloud.requests()).hasSize(1);
    assertThat(secure.requests()).hasSize(2);
  }

  @Test
  void anUntrustedCertificateIsRefused() throws Exception {
    var certificate = SelfSignedCertificate.create("127.0.0.1");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    var strict =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("https://127.0.0.1:" + secure.port()),
            SharedKey.of("the-key"),
            null);

    assertFails(strict.exApp(new AppId("demo")), Code.UNREACHABLE, "TLS");
    assertThat(secure.requests()).isEmpty();
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    var certificate = SelfSignedCertificate.create("other.example");
    var secure =
        new ScriptedNextcloud(
            vertx,
            new HttpServerOptions().setSsl(true).setKeyCertOptions(certificate.keyCertOptions()));
    var trusting =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("https://127.0.0.1:" + secure.port()),
            SharedKey.of("the-key"),
            certificate.trustOptions());

    assertFails(trusting.exApp(new AppId("demo")), Code.UNREACHABLE, "TLS");
  }
}
