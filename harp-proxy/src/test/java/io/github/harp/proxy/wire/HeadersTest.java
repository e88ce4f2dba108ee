// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which headers an ExApp and a client get to see. */
class HeadersTest {

  private final CompletableFuture<RawConnection.Message> received = new CompletableFuture<>();
  private String response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  private ScriptedServer exApp;
  private TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp =
        new ScriptedServer(
            connection -> {
              received.complete(connection.readRequest());
              connection.send(response);
              connection.readToEnd();
            });
    proxy = TestProxy.start().with(exApp);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }

  private RawConnection.Head sent(String... lines) throws Exception {
    exchange(lines);
    return received.get(30, TimeUnit.SECONDS).head();
  }

  private RawConnection.Message exchange(String... lines) throws Exception {
    try (var client = proxy.connect()) {
      client.send(
          "GET /exapps/app/x HTTP/1.1\r\nHost: cloud.example:81\r\n"
              + String.join("\r\n", lines)
              + (lines.length == 0 ? "\r\n" : "\r\n\r\n"));
      return client.readResponse();
    }
  }

  @Test
  void theExAppLearnsWhoItIsAndWhoAsks() throws Exception {
    var head = sent();

    assertThat(head.all("ex-app-id")).containsExactly("app");
    assertThat(head.all("ex-app-version")).containsExactly("1.2.3");
    assertThat(head.all("aa-version")).containsExactly("32");
    assertThat(head.all("authorization-app-api")).containsExactly("OmFwcC1zZWNyZXQ=");
    assertThat(head.all("host")).containsExactly("cloud.example:81");
  }

  @Test
  void identityHeadersOfAClientAreReplaced() throws Exception {
    var head =
        sent(
            "EX-APP-ID: other",
            "Ex-App-Id: another",
            "EX-APP-VERSION: 9",
            "AUTHORIZATION-APP-API: YWRtaW46eA==",
            "AA-VERSION: 99");

    assertThat(head.all("ex-app-id")).containsExactly("app");
    assertThat(head.all("ex-app-version")).containsExactly("1.2.3");
    assertThat(head.all("aa-version")).containsExactly("32");
    assertThat(head.all("authorization-app-api")).containsExactly("OmFwcC1zZWNyZXQ=");
  }

  @ParameterizedTest
  @DisplayName("W8 secrets and orders of AppAPI do not leave the house")
  @ValueSource(strings = {"ex-app-host", "ex-app-port", "docker-engine-port", "harp-shared-key"})
  void w8_secretsAreNotForwarded(String name) throws Exception {
    var head = sent(name + ": 1", name.toUpperCase() + ": 2");

    assertThat(head.all(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AUTHORIZATION_APP_API",
        "ex_app_id",
        "EX_APP-VERSION",
        "aa_version",
        "Harp_Shared_Key",
        "x_origin_ip",
        "EX.APP.ID",
        "authorization.app_api",
        "aa~version",
        "harp!shared_key",
        "docker-engine_port",
        "Content_Length",
        "transfer.encoding",
        "EX_APP.HOST"
      })
  @DisplayName("S17: whatever a server may read as an identity header stays here")
  void otherSpellingsAreNotForwarded(String name) throws Exception {
    var head = sent(name + ": 1", "other_name: stays");

    assertThat(head.all(name)).isEmpty();
    assertThat(head.all("other_name")).containsExactly("stays");
  }

  @Test
  void w19_aClientCannotForgeItsOrigin() throws Exception {
    assertThat(sent("x-origin-ip: 203.0.113.9").all("x-origin-ip")).isEmpty();
  }

  @Test
  void everythingElsePassesAsItWasSent() throws Exception {
    var lines =
        List.of(
            "Cookie: a=b; oc_sessionPassphrase=x",
            "Authorization: Basic abc",
            "X-Forwarded-For: 198.51.100.1, 10.0.0.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: cloud.example",
            "X-Real-IP: 198.51.100.1",
            "AA-REQUEST-ID: 77",
            "Accept-Encoding: gzip, br",
            "X-Twice: 1",
            "X-Twice: 2");
    var head = sent(lines.toArray(String[]::new));

    var rest = new ArrayList<>(head.linesButItsId());
    rest.removeIf(line -> line.toLowerCase().matches("(host|ex-app|aa-v|authorization-app).*"));
    assertThat(rest).containsExactlyElementsOf(lines);
  }

  @Test
  void hopByHopHeadersEndHere() throws Exception {
    var head =
        sent(
            "Connection: keep-alive, X-Mine",
            "X-Mine: 1",
            "Keep-Alive: timeout=5",
            "Proxy-Connection: keep-alive",
            "TE: trailers, deflate",
            "X-Other: 2");

    assertThat(head.all("x-mine")).isEmpty();
    assertThat(head.all("keep-alive")).isEmpty();
    assertThat(head.all("proxy-connection")).isEmpty();
    assertThat(head.all("x-other")).containsExactly("2");
    assertThat(head.all("te")).containsExactly("trailers");
    assertThat(head.all("connection")).containsExactly("te");
  }

  @Test
  void aClientCannotTakeAwayIdentityByNamingItInConnection() throws Exception {
    var head =
        sent(
            "Connection: close, authorization-app-api, ex-app-id, x-forwarded-for, cookie",
            "X-Forwarded-For: 198.51.100.1",
            "Cookie: a=b");

    assertThat(head.all("authorization-app-api")).hasSize(1);
    assertThat(head.all("ex-app-id")).hasSize(1);
    assertThat(head.all("x-forwarded-for")).hasSize(1);
    assertThat(head.all("cookie")).hasSize(1);
  }

  @Test
  void aSignedRequestKeepsItsAuthorizationAndOrigin() throws Exception {
    var head =
        sent(
            "harp-shared-key: " + TestProxy.KEY,
            "ex-app-id: app",
            "ex-app-version: 1.2.3",
            "ex-app-host: 127.0.0.1",
            "ex-app-port: " + exApp.port(),
            "authorization-app-api: YWxpY2U6c2VjcmV0",
            "x-origin-ip: 198.51.100.1");

    assertThat(head.all("authorization-app-api")).containsExactly("YWxpY2U6c2VjcmV0");
    assertThat(head.all("x-origin-ip")).containsExactly("198.51.100.1");
    assertThat(head.all("harp-shared-key")).isEmpty();
    assertThat(head.all("ex-app-host")).isEmpty();
    assertThat(head.all("ex-app-port")).isEmpty();
  }

  @Test
  void anAnswerPassesUnchangedButForItsConnectionHeaders() throws Exception {
    response =
        "HTTP/1.1 234 Quite Fine\r\nServer: uvicorn\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
            + "X-Name: caf\u00e9\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
            + "Content-Length: 2\r\n\r\nok";
    var answer = exchange();

    assertThat(answer.head().startLine()).isEqualTo("HTTP/1.1 234 Quite Fine");
    assertThat(answer.head().linesButItsId())
        .containsExactly(
            "Server: uvicorn",
            "Set-Cookie: a=1",
            "Set-Cookie: b=2",
            "X-Name: caf\u00e9",
            "Content-Length: 2");
  }
}
