// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import io.github.harp.docker.testing.Cli;
import java.nio.file.Path;

class PodmanEngineTest extends RealEngineContract {

  private static final Path SOCKET = Path.of("/run/podman/podman.sock");

  @Override
  String product() {
    return "Podman";
  }

  @Override
  Path socket() {
    return SOCKET;
  }

  @Override
  Cli cli() {
    return Cli.podman(SOCKET);
  }
}
