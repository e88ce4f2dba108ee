// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.Engines;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.Upstream;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.launcher.config.EngineAddress;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EnginesCheckTest {

  /** Speaks API 1.41, as the engine of Debian 12 does. */
  private final InMemoryExAppRuntime runtime = new InMemoryExAppRuntime();

  @Test
  void anEngineThatIsOlderThanAppApiAsksForGivesTheCommandForAppApi() {
    var finding = examine(port -> runtime, Map.of(), 24000).get(0);

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("engine 24000", "API 1.41");
    assertThat(finding.remedy())
        .contains("occ config:app:set app_api docker_api_version --value=v1.41");
  }

  @Test
  void anEngineThatDoesNotAnswerIsAFailureWithItsReason() {
    ExAppRuntimes down =
        port -> {
          throw new HarpException(HarpException.Code.UNREACHABLE, "connection refused");
        };

    var finding = examine(down, Map.of(), 24000).get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("connection refused");
  }

  @Test
  void aSocketThatIsNotThereYetIsToldFromNoEngineAtAll() {
    var missing = new EngineAddress.Unix(Path.of("/var/run/docker.sock"));

    var configured = examine(port -> runtime, Map.of(24000, missing)).get(0);
    var none = examine(port -> runtime, Map.of()).get(0);

    assertThat(configured.severity()).isEqualTo(Severity.FAILURE);
    assertThat(configured.seen()).contains("24000", "/var/run/docker.sock", "does not exist");
    assertThat(none.severity()).isEqualTo(Severity.NOTE);
  }

  private static List<Finding> examine(
      ExAppRuntimes runtimes, Map<Integer, EngineAddress> configured, Integer... ports) {
    return new EnginesCheck(
            new KnownEngines(List.of(ports)), runtimes, configured, Optional.empty())
        .examine();
  }

  private record KnownEngines(List<Integer> known) implements Engines {
    @Override
    public Optional<Upstream> find(int port) {
      return known.contains(port)
          ? Optional.of(loop -> Future.failedFuture("not to be dialled"))
          : Optional.empty();
    }

    @Override
    public SortedSet<Integer> ports() {
      return new TreeSet<>(known);
    }
  }
}
