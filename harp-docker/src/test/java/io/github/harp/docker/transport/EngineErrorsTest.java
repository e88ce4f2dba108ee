// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.exception.InternalServerErrorException;
import io.github.harp.core.HarpException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineErrorsTest {

  static Stream<Throwable> withoutWords() {
    return Stream.of(
        new ClosedChannelException(),
        new IOException((String) null),
        new IllegalStateException(" "),
        new InternalServerErrorException((String) null),
        new InternalServerErrorException("null"),
        new InternalServerErrorException(""));
  }

  @ParameterizedTest(name = "F20: {0}")
  @MethodSource("withoutWords")
  void f20_aTextNeverEndsInNull(Throwable failure) {
    assertThat(EngineErrors.translate("create nc_app_demo", failure))
        .hasMessageStartingWith("create nc_app_demo: ")
        .hasMessageNotContaining("null")
        .message()
        .matches("(?s).*\\w");
  }

  @ParameterizedTest(name = "F20: {0}")
  @ValueSource(
      strings = {"", "null", "{\"message\":null}", "{\"message\":\"\"}", "{\"message\":\"null\"}"})
  void f20_anAnswerWithoutWordsSaysSo(String body) {
    assertThat(EngineErrors.refused("start", 500, body))
        .message()
        .startsWith("start: the engine answered 500: ")
        .doesNotEndWith("null");
  }

  @Test
  void f20_aReasonIsAlwaysThere() {
    assertThat(HarpException.reasonOf(new ClosedChannelException()))
        .isEqualTo("ClosedChannelException");
    assertThat(HarpException.reasonOf(new IOException("broken pipe"))).isEqualTo("broken pipe");
  }
}
