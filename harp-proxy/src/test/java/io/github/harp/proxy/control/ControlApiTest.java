// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.proxy.control.ControlFixture.assertAnswer;
import static io.github.harp.proxy.control.ControlFixture.assertText;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlApiTest {

  private final ControlFixture control = new ControlFixture();

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void theHeartbeatIsOk(String method) {
    assertAnswer(control.send(method, "/heartbeat"), 200, "{\"status\": \"ok\"}");
  }

  @Test
  void theInfoNamesTheContractAndOurselves() {
    assertAnswer(
        control.send("GET", "/info"),
        200,
        """
        {"version": "0.4.4", "docker": true, "kubernetes": {"enabled": false},
         "implementation": {"name": "HaRP for the JVM", "version": "0.1.0"}}
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/nothing",
        "/info/",
        "/Info",
        "/%69nfo",
        "//info",
        "/exapp_storage",
        "/exapp_storage/",
        "/exapp_storage/a/b",
        "/docker/exapp/",
        "/docker/exapp/exec",
        "/k8s/exapp/image_remove",
        "/frp_handler"
      })
  void anUnknownPathIs404(String path) {
    assertText(control.send("POST", path), 404, "404: Not Found");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /info, 'GET,HEAD'",
    "PUT, /heartbeat, 'GET,HEAD'",
    "GET, /exapp_storage/demo, 'DELETE,POST'",
    "HEAD, /docker/exapp/create, POST",
    "GET, /k8s/exapp/expose, POST",
    "OPTIONS, /docker/exapp/exists, POST",
  })
  void aWrongMethodIs405AndSaysWhichAreAllowed(String method, String path, String allowed) {
    var answer = control.send(method, path);

    assertText(answer, 405, "405: Method Not Allowed");
    assertThat(answer.headers()).containsEntry("allow", allowed);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"name\": \"a\"",
        "{\"name\": 'a'}",
        "{\"name\": \"a\"} x",
        "{\"name\": \"a\", \"name\": \"b\"}",
        "{\"name\": 1e999999999999999999999999999999999999999999999999999999999999999999999}",
        "nonsense",
        "\u0000",
      })
  void aBodyThatIsNotJsonIs400(String body) {
    assertText(control.post("/docker/exapp/exists", body), 400, "Invalid JSON");
    assertText(control.post("/exapp_storage/demo", body), 400, "Invalid JSON");
    assertThat(control.orders).isEmpty();
  }

  @Test
  void aBodyThatIsNestedTooDeepIs400() {
    var deep = "{\"x\": " + "[".repeat(500_000) + "]".repeat(500_000) + "}";

    assertText(control.post("/docker/exapp/exists", deep), 400, "Invalid JSON", "32 levels");
  }

  @Test
  void aBodyThatIsNotUtf8Is400() {
    var body = Buffer.buffer("{\"name\": \"").appendByte((byte) 0xff).appendString("\"}");
    var head = TestHead.of("POST", "/docker/exapp/exists").with("docker-engine-port", "24000");

    assertText(control.send(head, body), 400, "Invalid JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|expected an object, found a list",
        "null|expected an object, found null",
        "3|expected an object, found a number",
        "{}|name: missing, expected a string",
        "{\"name\": null}|name: expected a string, found null",
        "{\"name\": 5}|name: expected a string, found a number",
        "{\"name\": {\"a\": 1}}|name: expected a string, found an object",
        "{\"name\": \"a\", \"instance_id\": null}|instance_id: expected a string, found null",
        "{\"name\": \"a\", \"role_suffix\": true}|role_suffix: expected a string, found a boolean",
      })
  void aViolationNamesTheMemberAndBothTypes(String body, String message) {
    for (var path : new String[] {"/docker/exapp/start", "/k8s/exapp/start"}) {
      assertText(control.post(path, body), 400);
      assertThat(control.post(path, body).body())
          .hasToString("Payload validation error: " + message);
    }
    assertThat(control.orders).isEmpty();
  }

  @ParameterizedTest(name = "W14 name {0}")
  @ValueSource(
      strings = {
        "",
        "a/../../images/x",
        "a/b",
        ".hidden",
        "-a",
        "_a",
        "a b",
        "a%2fb",
        "a?b",
        "a\\u0000",
        "ä",
      })
  void w14_namesThatCouldReachAnotherEndpointAreRefused(String name) {
    for (var member : new String[] {"name", "instance_id", "role_suffix"}) {
      if (member.equals("name") || !name.isEmpty()) {
        var body =
            "{\"name\": \"a\", \"%s\": \"%s\"}"
                .formatted(member, name)
                .replace("\"name\": \"a\", \"name\"", "\"name\"");
        assertText(
            control.post("/docker/exapp/stop", body), 400, "Payload validation error: " + member);
      }
    }
    assertThat(control.orders).isEmpty();
  }

  @Test
  void aBodyOfMoreThanAMebibyteIs413() {
    var large = "{\"name\": \"a\", \"x\": \"" + "x".repeat(1 << 20) + "\"}";

    assertText(control.post("/docker/exapp/exists", large), 413, "1048576 bytes");
    assertText(control.post("/k8s/exapp/install_certificates", large), 413);
    assertThat(control.api.maxBodyBytes("/docker/exapp/exists")).isEqualTo(1048576);
  }

  @Test
  void w26_aBundleOfCertificatesMayBeLarger() {
    control.runtimeSays = Future.succeededFuture();
    var large = "{\"name\": \"a\", \"system_certs_bundle\": \"" + "x".repeat(2 << 20) + "\"}";

    assertThat(control.api.maxBodyBytes("/docker/exapp/install_certificates")).isEqualTo(4 << 20);
    ControlFixture.assertNoContent(control.post("/docker/exapp/install_certificates", large));
  }

  @ParameterizedTest
  @EnumSource(HarpException.Code.class)
  void eachKindOfFailureHasItsStatus(HarpException.Code code) {
    control.runtimeSays = Future.failedFuture(new HarpException(code, "the engine's own words"));

    var status =
        switch (code) {
          case BAD_REQUEST -> 400;
          case NOT_FOUND -> 404;
          case CONFLICT -> 409;
          case UNREACHABLE, REFUSED, BUSY, UNAVAILABLE -> 503;
          case TIMED_OUT -> 504;
          case FAILED -> 500;
        };
    assertText(
        control.post("/docker/exapp/exists", "{\"name\": \"a\"}"),
        status,
        "the engine's own words");
  }

  @Test
  void aDefectIs500AndItsTextStaysInside() {
    control.runtimeSays = Future.failedFuture(new IllegalStateException("internals"));

    var answer = control.post("/docker/exapp/exists", "{\"name\": \"a\"}");

    assertText(answer, 500);
    assertThat(answer.body().toString()).doesNotContain("internals", "Exception");
  }

  @Test
  void containersNeedARuntime() throws Exception {
    var bare = ControlApi.builder().build();
    var head = TestHead.of("POST", "/docker/exapp/exists").with("docker-engine-port", "24000");
    var request =
        new ControlRequest(control.instance, head.path(), head, Buffer.buffer("{\"name\": \"a\"}"));

    assertText(bare.handle(request).await(), 503, "runs no containers");
  }
}
