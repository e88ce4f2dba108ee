// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.proxy.testing.TestHead;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The document knows the orders that there are, and it is not satisfied by anything. */
class ApiDocumentTest {

  private static Vertx vertx;

  private final ApiDocument document = new ApiDocument(vertx);

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void close() {
    vertx.close().await();
  }

  @Test
  void everyOperationOfTheDocumentIsAnOrder() {
    var control = new ControlFixture();

    assertThat(document.operations()).hasSize(20);
    assertThat(document.operations())
        .allSatisfy(
            operation -> {
              var path = operation.getOpenAPIPath().replace("{app_id}", "demo");
              var head = TestHead.of(operation.getHttpMethod().name(), path);
              var request = new ControlRequest(control.instance, path, head, Buffer.buffer());
              assertThat(control.api.handle(request).await())
                  .extracting(ControlAnswer::status, answer -> answer.body().toString())
                  .doesNotContain("404: Not Found", 405);
            });
  }

  @Test
  void anUndocumentedMemberIsNoticed() {
    var answer = ControlAnswer.json(200, new JsonObject().put("status", "ok").put("more", 1));

    assertThatThrownBy(() -> document.check("GET", "/heartbeat", answer)).isNotNull();
  }

  @Test
  void anUndocumentedStatusIsNoticed() {
    assertThatThrownBy(() -> document.check("GET", "/heartbeat", ControlAnswer.noContent()))
        .hasMessageContaining("204");
  }

  @Test
  void anUndocumentedContentTypeIsNoticed() {
    assertThatThrownBy(
            () -> document.check("GET", "/heartbeat", ControlAnswer.text(200, "{\"status\": 1}")))
        .hasMessageContaining("text/plain");
  }
}
