// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.docker.testing.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DockerEngineTest extends RealEngineContract {

  private static final Path SOCKET = Path.of("/var/run/docker.sock");

  @Override
  String product() {
    return "Docker";
  }

  @Override
  Path socket() {
    return SOCKET;
  }

  @Override
  Cli cli() {
    return Cli.docker(SOCKET);
  }

  // Podman runs health checks from systemd timers, which a test machine need not have.

  @Test
  void aStartIsOverWhenTheHealthCheckSucceeds() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/health:1")));
    get(runtime().start(name));

    assertThat(get(runtime().awaitStart(name)))
        .isEqualTo(new StartOutcome(true, "running", "healthy", null));
  }

  @Test
  void anUnhealthyContainerCountsAsStartedWithAReason() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/unhealthy:1")));
    get(runtime().start(name));

    assertThat(get(runtime().awaitStart(name)))
        .isEqualTo(new StartOutcome(true, "running", "unhealthy", "unhealthy"));
  }

  @Test
  void aContainerThatIsRemovedWhileSomebodyWaitsIsNotFound() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    var waiting = runtime().awaitStart(name);

    get(runtime().remove(name, false));

    assertThat(get(waiting).status()).isEqualTo("not_found");
  }
}
