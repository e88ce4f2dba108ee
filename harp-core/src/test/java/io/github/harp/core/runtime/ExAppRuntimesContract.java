// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.testing.TestExApp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What whoever finds the runtime of a place promises. */
public abstract class ExAppRuntimesContract {

  /** Those under test, which know one engine, 24000. */
  protected abstract ExAppRuntimes runtimes();

  /** Whether they know a cluster, which has no ExApp. */
  protected boolean hasCluster() {
    return false;
  }

  private List<Place> places() {
    return Stream.of(Place.engine(EngineNumber.FIRST), Place.CLUSTER)
        .filter(place -> hasCluster() || place != Place.CLUSTER)
        .toList();
  }

  /** Else two orders for one ExApp could interleave. */
  @Test
  void aPlaceHasOneRuntime() {
    for (var place : places()) {
      assertThat(runtimes().at(place)).isSameAs(runtimes().at(place));
    }
  }

  @Test
  void anEngineThatIsNotThereIsNamed() {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> runtimes().at(Place.engine(EngineNumber.LAST)))
        .withMessageContaining("24099")
        .extracting(HarpException::code)
        .isEqualTo(UNREACHABLE);
  }

  @Test
  void aClusterIsToldOfWhereThereIsOne() {
    assertThat(resultOf(runtimes().cluster()).isPresent()).isEqualTo(hasCluster());
    if (!hasCluster()) {
      assertThatExceptionOfType(HarpException.class)
          .isThrownBy(() -> runtimes().at(Place.CLUSTER))
          .withMessageContaining("Kubernetes")
          .extracting(HarpException::code)
          .isEqualTo(UNAVAILABLE);
    }
  }

  @Test
  void anExAppOfNoClusterIsWhereNextcloudSays() {
    var exApp = TestExApp.at("10.0.0.7", 23000, "demo", "s");

    assertThat(resultOf(runtimes().located(exApp))).isEqualTo(exApp);
  }
}
