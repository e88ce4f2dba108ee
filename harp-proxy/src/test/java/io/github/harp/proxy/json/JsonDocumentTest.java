// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import io.vertx.core.buffer.Buffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonDocumentTest {

  @Property(tries = 2000)
  void arbitraryBytesAreAnObjectOrRefused(@ForAll byte[] bytes) {
    try {
      JsonDocument.object(Buffer.buffer(bytes), "body");
    } catch (HarpException refused) {
      assertThat(refused.code()).isEqualTo(HarpException.Code.BAD_REQUEST);
    }
  }

  @Property(tries = 2000)
  void aBareWordIsRefusedWithoutBeingQuoted(@ForAll String text) {
    var marked = "{\"token\": hunter2" + text + "}";

    assertThatThrownBy(() -> JsonDocument.object(Buffer.buffer(marked), "body"))
        .isInstanceOf(HarpException.class)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aMistakeIsNamedByItsPlace() {
    assertThatThrownBy(() -> JsonDocument.object(Buffer.buffer("{\n  \"a\": tru}"), "body"))
        .hasMessage("Invalid JSON at line 2, column 8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "5.0", "\"5\"", "\" +5 \"", "\"05\"", "5e0"})
  void anIntegerMayBeWrittenInSeveralWays(String json) {
    assertThat(fields(json).integer("x", 0, 10)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.5",
        "\"5.0\"",
        "\"\"",
        "\"five\"",
        "true",
        "null",
        "[5]",
        "{}",
        "1e300",
        "123456789012345678901234567890",
        "\"99999999999999999999\""
      })
  void otherThingsAreNoInteger(String json) {
    assertThatThrownBy(() -> fields(json).integer("x", 0, 10))
        .hasMessageStartingWith("body: x: expected an integer, found ");
  }

  @Test
  void anIntegerHasBounds() {
    assertThat(fields("10").integer("x", 0, 10)).isEqualTo(10);
    assertThatThrownBy(() -> fields("11").integer("x", 0, 10))
        .hasMessage("body: x: expected an integer from 0 to 10, found 11");
  }

  @ParameterizedTest
  @CsvSource({
    "true, true",
    "false, false",
    "1, true",
    "0, false",
    "'\"Yes\"', true",
    "'\"off\"', false"
  })
  void aBooleanMayBeAWord(String json, boolean expected) {
    assertThat(fields(json).bool("x", !expected)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "1.0", "null", "\"\"", "\"ja\"", "[]"})
  void otherThingsAreNoBoolean(String json) {
    assertThatThrownBy(() -> fields(json).bool("x", true))
        .hasMessageStartingWith("body: x: expected a boolean");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"NaN\"", "\"Infinity\"", "1e999", "0.05", "null"})
  void aDecimalIsANumberWithinBounds(String json) {
    assertThatThrownBy(() -> fields(json).decimal("x", 0.1, 10, 1))
        .isInstanceOf(HarpException.class);
    assertThat(fields("\"0.5\"").decimal("x", 0.1, 10, 1)).isEqualTo(0.5);
    assertThat(fields("1").decimal("y", 0.1, 10, 3)).isEqualTo(3);
  }

  @Test
  void membersAreNamedByTheirPath() {
    var routes = fields("[{}, {\"deep\": {\"y\": 1}}]").objects("x");

    assertThatThrownBy(() -> routes.get(1).object("deep").string("y"))
        .hasMessage("body: x[1].deep.y: expected a string, found a number");
  }

  private static JsonFields fields(String x) {
    return JsonDocument.object(Buffer.buffer("{\"x\": " + x + "}"), "body");
  }
}
