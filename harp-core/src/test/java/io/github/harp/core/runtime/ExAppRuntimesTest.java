// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import org.junit.jupiter.api.Test;

class ExAppRuntimesTest extends ExAppRuntimesContract {

  private final ExAppRuntime runtime = new InMemoryExAppRuntime();

  @Override
  protected ExAppRuntimes runtimes() {
    return ExAppRuntimes.onEngines(
        number -> {
          if (number.equals(EngineNumber.FIRST)) {
            return runtime;
          }
          throw new HarpException(UNREACHABLE, "engine " + number + ": not connected");
        });
  }

  @Test
  void whereNoContainersRunEachEngineIsRefused() {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> ExAppRuntimes.none().at(Place.engine(EngineNumber.FIRST)))
        .extracting(HarpException::code)
        .isEqualTo(UNAVAILABLE);
  }
}
