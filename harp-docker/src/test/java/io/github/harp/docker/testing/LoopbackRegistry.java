// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** An image registry without authentication on a loopback port. */
public final class LoopbackRegistry implements AutoCloseable {

  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final String address;

  public LoopbackRegistry(Path folder) throws IOException {
    assumeTrue(Files.isExecutable(PROGRAM), "no " + PROGRAM + "; .ci/engines installs it");
    var config =
        Files.writeString(
            folder.resolve("registry.yml"),
            """
            version: 0.1
            storage:
              filesystem:
                rootdirectory: %s
            http:
              addr: 127.0.0.1:0
            """
                .formatted(folder.resolve("registry")));
    var log = folder.resolve("registry.log");
    process =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    address =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> listening(log), Optional::isPresent)
            .orElseThrow();
  }

  private static Optional<String> listening(Path log) {
    try {
      var found = LISTENING.matcher(Files.readString(log));
      return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String hostAndPort() {
    return address;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
