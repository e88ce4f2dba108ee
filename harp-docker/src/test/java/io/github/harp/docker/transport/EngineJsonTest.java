// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static io.github.harp.core.HarpException.Code.FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.command.InspectContainerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineJsonTest {

  private static final int MANY = EngineJson.MOST_TOKENS;

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "0", "\"\"", "{\"a\":[1]}"})
  void aDocumentHasOnlySoManyValues(String value) {
    var few = "{\"Mounts\":[" + "{},".repeat(9) + "{}]}";
    var many = "{\"Mounts\":[" + (value + ",").repeat(MANY) + value + "]}";

    assertThat(inspected(few)).isNull();
    assertThat(inspected(many))
        .isInstanceOf(JsonProcessingException.class)
        .hasMessageContaining("more than " + MANY);
  }

  @Test
  void nullIsNoAnswer() {
    assertThat(EngineErrors.translate("inspect", inspected("null")))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(FAILED))
        .hasMessageContaining("null in place of an answer");
    assertThat(inspected("{\"Mounts\":null}")).isNull();
  }

  private static Throwable inspected(String json) {
    try {
      EngineJson.MAPPER.readValue(stream(json), InspectContainerResponse.class);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  @Test
  void aStreamHasAsManyDocumentsAsCome() throws Exception {
    try (var documents =
        EngineJson.MAPPER
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(stream("{\"status\":\"x\"}\n".repeat(MANY)))) {
      assertThat(documents.readAll()).hasSize(MANY);
    }
  }

  @Test
  void aReasonIsNotLookedForInSuchADocument() {
    var body = "[" + "[],".repeat(MANY) + "[]]";

    assertThatExceptionOfType(JsonProcessingException.class)
        .isThrownBy(() -> EngineJson.MAPPER.readTree(body));
    assertThat(EngineErrors.refused("start", 500, body))
        .hasMessageStartingWith("start: the engine answered 500: [[],[],")
        .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(1_000));
    assertThat(EngineErrors.translate("list", inspected("{\"Mounts\":" + body + "}")))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(FAILED))
        .hasMessageContaining("more than " + MANY);
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
