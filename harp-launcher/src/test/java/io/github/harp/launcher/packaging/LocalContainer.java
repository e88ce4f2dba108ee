// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.HealthCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** A container of an image that was built here: nothing is pulled, for there may be no registry. */
final class LocalContainer extends GenericContainer<LocalContainer> {

  static final int PORT = 8780;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a program in the container wrote to both its outputs. */
  record Result(int exitCode, String output) {}

  LocalContainer(String image) {
    super(DockerImageName.parse(image));
    withImagePullPolicy(name -> false);
  }

  /** Is started when its health check says so, which is asked every second. */
  LocalContainer healthy() {
    return withCreateContainerCmdModifier(
            create ->
                create.withHealthcheck(
                    new HealthCheck().withInterval(Duration.ofSeconds(1).toNanos())))
        .waitingFor(Wait.forHealthcheck().withStartupTimeout(PATIENCE));
  }

  Result run(String... command) throws IOException, InterruptedException {
    return run(Map.of(), command);
  }

  /** With further environment variables. */
  Result run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    var exec = execInContainer(ExecConfig.builder().envVars(environment).command(command).build());
    return new Result(exec.getExitCode(), exec.getStdout() + exec.getStderr());
  }

  /** What the engine says of it now. */
  InspectContainerResponse state() {
    return getDockerClient().inspectContainerCmd(getContainerId()).exec();
  }

  /** The engine is this host's; Testcontainers would start a container to find that out. */
  String url(String path) {
    return "http://127.0.0.1:" + getMappedPort(PORT) + path;
  }
}
