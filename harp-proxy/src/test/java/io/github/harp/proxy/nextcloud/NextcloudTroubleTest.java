// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.testing.TestHead;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no answer, or one that says nothing of an ExApp or user. */
class NextcloudTroubleTest extends NextcloudQuestions {

  @ParameterizedTest(name = "W22 status {0} is {1}")
  @CsvSource({"429, BUSY", "503, BUSY", "500, REFUSED", "502, REFUSED", "403, REFUSED"})
  void w22_troubleAtNextcloudIsNotAnUnknownExApp(int status, Code code) {
    nextcloud.answersJson(status, "{}");

    assertFails(client.exApp(new AppId("demo")), code, "" + status);
  }

  private void answersHtml(int status, String page) {
    nextcloud.answers(
        request ->
            request
                .response()
                .setStatusCode(status)
                .putHeader("content-type", "text/html; charset=UTF-8")
                .end(page));
  }

  @ParameterizedTest(name = "F7: {0} that is not AppAPI''s makes nobody unknown, and says {1}")
  @CsvSource({
    "400, trusted_domains",
    "401, firewall",
    "403, firewall",
    "404, AppAPI enabled",
    "405, AppAPI",
    "412, text/html",
    "451, firewall"
  })
  void f7_onlyAppApiSaysUnknown(int status, String hint) {
    var head = TestHead.of("GET", "/");

    answersHtml(status, "<html>Access through untrusted domain</html>");
    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, hint);
    assertFails(client.user(new AppId("demo"), head), Code.REFUSED, hint);
    assertFails(client.user(new AppId("demo"), head), Code.REFUSED, status + " with text/html");

    for (var json : List.of("", "{}", "[]", "{\"error\": \"blocked\"}", "{\"message\": ")) {
      nextcloud.answersJson(status, json);
      assertFails(client.exApp(new AppId("demo")), Code.REFUSED, status + " with application/json");
      assertFails(
          client.user(new AppId("demo"), head), Code.REFUSED, status + " with application/json");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Harp shared key is not valid", "wrong key"})
  @DisplayName("F7: our wrong key makes neither an ExApp nor a user unknown")
  void f7_aWrongKeyIsOurMistake(String message) {
    nextcloud.answersJson(401, "{\"message\": \"" + message + "\"}");

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, "shared key");
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.REFUSED, "shared key");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 405, 451})
  @DisplayName("F7: a gateway's refusal in JSON makes nobody unknown")
  void f7_aGatewayMaySpeakJson(int status) {
    nextcloud.answersJson(status, "{\"message\": \"Forbidden\"}");

    assertFails(client.exApp(new AppId("demo")), Code.REFUSED, status + " with application/json");
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")),
        Code.REFUSED,
        status + " with application/json");
  }

  @Test
  @DisplayName("F7: once the key was right, AppAPI's same answer means an unknown ExApp")
  void f7_onceTheKeyWasRightTheExAppIsUnknown() throws Exception {
    nextcloud.answersJson(200, META);
    get(client.exApp(new AppId("demo")));

    nextcloud.answersJson(401, "{\"message\": \"Harp shared key is not valid\"}");

    assertThat(get(client.exApp(new AppId("other")))).isEmpty();
    assertFails(
        client.user(new AppId("demo"), TestHead.of("GET", "/")), Code.REFUSED, "shared key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "{\"exapp_token\": \"x\"",
        "{\"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": null, \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": \"x\", \"exapp_version\": 1, \"host\": \"h\", \"port\": 1}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": null}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": \"p\"}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1,"
            + " \"routes\": null}",
        "{\"exapp_token\": \"x\", \"exapp_version\": \"1\", \"host\": \"h\", \"port\": 1,"
            + " \"routes\": [{\"url\": \"/\", \"access_level\": 3}]}",
      })
  void anAnswerThatIsNotADescriptionIsAFailure(String json) {
    nextcloud.answersJson(200, json);

    assertFails(client.exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @Test
  void anAnswerWithAnotherContentTypeIsAFailure() {
    nextcloud.answers(
        request -> request.response().putHeader("content-type", "text/html").end(META));

    assertFails(client.exApp(new AppId("demo")), Code.FAILED, "text/html");
  }

  @Test
  void secretsInABrokenAnswerAreNotRepeated() {
    nextcloud.answersJson(200, META.replace("\"s3cret\"", "s3cret"));

    assertThatThrownBy(() -> get(client.exApp(new AppId("demo"))))
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 404, 412})
  void aRefusalInNextcloudsOwnWordsMeansNoUser(int status) throws Exception {
    nextcloud.answersJson(status, "{\"message\": \"Login failed\"}");

    assertThat(get(client.user(new AppId("demo"), TestHead.of("GET", "/"))))
        .isEqualTo(Optional.empty());
  }

  @ParameterizedTest(name = "W22 status {0} is {1}")
  @CsvSource({"429, BUSY", "503, BUSY", "500, REFUSED", "408, REFUSED"})
  void w22_aBusyNextcloudDoesNotMeanNoUser(int status, Code code) {
    nextcloud.answersJson(status, "{}");

    assertFails(client.user(new AppId("demo"), TestHead.of("GET", "/")), code, "" + status);
  }

  @Test
  void nobodyListeningIsUnreachable() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }

    assertFails(clientOf(port).exApp(new AppId("demo")), Code.UNREACHABLE, "cannot connect");
  }

  @Test
  void aNameThatDoesNotResolveIsUnreachable() {
    var lost =
        NextcloudClient.with(
            vertx,
            ScriptedNextcloud.names(vertx),
            NextcloudAddress.parse("http://nextcloud.invalid"),
            SharedKey.of("the-key"),
            null);

    assertFails(lost.exApp(new AppId("demo")), Code.UNREACHABLE, "does not resolve");
  }

  @Test
  void aConnectionThatDiedWhileIdleIsTriedOnceMore() throws Exception {
    var calls = new AtomicInteger();
    nextcloud.answers(
        request -> {
          if (calls.incrementAndGet() == 1) {
            request.connection().close();
          } else {
            request.response().putHeader("content-type", "application/json").end(META);
          }
        });

    assertThat(get(client.exApp(new AppId("demo")))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
            + "transfer-encoding: chunked\r\n\r\nzz\r\n",
      })
  void garbageIsAFailureAndNotAHang(String garbage) throws Exception {
    var server = garbage(garbage);

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @Test
  void theKeyIsInNoMessage() {
    nextcloud.answers(request -> request.response().setStatusCode(500).end("the-key"));

    assertThatThrownBy(() -> get(client.exApp(new AppId("demo"))))
        .hasMessageNotContaining("the-key");
  }
}
