// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static io.github.harp.proxy.control.ControlFixture.assertNoContent;
import static io.github.harp.proxy.control.ControlFixture.assertText;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExAppStorageTest {

  private static final String DEMO =
      """
      {"exapp_token": "s3cret", "exapp_version": "1.0.0", "host": "10.0.0.7", "port": "23000",
       "routes": [{"url": "^/", "access_level": 2, "bruteforce_protection": [401]}],
       "resolved_host": "192.0.2.1"}
      """;

  private final ControlFixture control = new ControlFixture();

  @Test
  void whatAppApiPushesIsStored() {
    assertNoContent(control.post("/exapp_storage/Demo", DEMO));

    var stored = control.records.get(new AppId("demo"));
    assertThat(stored.id()).hasToString("Demo");
    assertThat(stored.version()).isEqualTo("1.0.0");
    assertThat(stored.address().host()).isEqualTo("10.0.0.7");
    assertThat(stored.address().port()).isEqualTo(23000);
    assertThat(stored.token()).isEqualTo(Secret.of("s3cret"));
    assertThat(stored.routes().routes())
        .containsExactly(new ExAppRoute("^/", AccessLevel.ADMIN, Set.of(401)));
  }

  @Test
  void routesMayBeMissing() {
    assertNoContent(
        control.post(
            "/exapp_storage/demo",
            "{\"exapp_token\": \"\", \"exapp_version\": \"\", \"host\": \"\", \"port\": 0}"));

    assertThat(control.records.get(new AppId("demo")).routes().routes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exapp_token\": \"s3cret|exapp_token\": null, \"x\": \"|exapp_token: expected a string",
        "exapp_version\": \"1.0.0|x\": \"|exapp_version: missing",
        "1.0.0|1\\r\\nX: y|exapp_version: expected a text without control characters",
        "10.0.0.7|10.0.0.7\\u0000|host: expected a text without control characters",
        "\"port\": \"23000\"|\"port\": \"s3cret\"|port: expected an integer, found a string",
        "\"port\": \"23000\"|\"port\": 65536|port: expected an integer from 0 to 65535",
        "\"port\": \"23000\"|\"port\": 1.5|port: expected an integer, found a number",
        "\"port\": \"23000\"|\"port\": 1e400|port: expected an integer, found a number",
        "\"access_level\": 2|\"access_level\": 3|routes[0].access_level: expected an integer from",
        "\"access_level\": 2|\"x\": 2|routes[0].access_level: missing",
        "[401]|[[]]|routes[0].bruteforce_protection[0]: expected an integer, found a list",
        "[401]|null|routes[0].bruteforce_protection: expected a list, found null",
        "[{\"url\"|[7, {\"url\"|routes[0]: expected an object, found a number",
        "[{\"url\"|null, \"y\": [{\"url\"|routes: expected a list, found null",
      })
  void whatIsNotADescriptionIsRefused(String part, String replacement, String message) {
    var body = DEMO.replace(part, replacement);

    var answer = control.post("/exapp_storage/demo", body);

    assertText(answer, 400, "Payload validation error: " + message);
    assertThat(answer.body().toString()).doesNotContain("s3cret");
    assertThat(control.records).isEmpty();
  }

  @Test
  void w14_anIdThatCannotBeOneIsRefused() {
    assertText(control.post("/exapp_storage/a%2fb", DEMO), 400, "expected a letter or digit");
    assertThat(control.records).isEmpty();
  }

  @Test
  void aRemovedRecordIsGone() {
    control.post("/exapp_storage/demo", DEMO);

    assertNoContent(control.send("DELETE", "/exapp_storage/DEMO"));

    assertThat(control.records).isEmpty();
    assertThat(control.forgotten).containsExactly(new AppId("demo"));
  }

  @Test
  void w31_whatHasNoRecordIsTakenOutOfServiceAllTheSame() {
    assertText(control.send("DELETE", "/exapp_storage/demo"), 404);

    assertThat(control.forgotten).containsExactly(new AppId("demo"));
  }
}
