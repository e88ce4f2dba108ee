// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A Docker engine of a test's own, which it may freeze and kill. Lives in a network of its own,
 * where a second dockerd would take the bridge from the machine's, with a registry that never
 * answers.
 */
public final class PrivateDocker implements AutoCloseable {

  /** Takes connections and says nothing. */
  public static final String SILENT_REGISTRY = "127.0.0.1:5000";

  private static final Path MACHINES_SOCKET = Path.of("/var/run/docker.sock");
  private static final Path DOCKERD = Path.of("/usr/sbin/dockerd");

  private final Path folder;
  private @Nullable Process process;

  private PrivateDocker(Path folder) {
    this.folder = folder;
  }

  /** Running, with an image that it got from the machine's engine. */
  public static PrivateDocker start(String image) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(DOCKERD), "no " + DOCKERD + "; .ci/engines installs it");
    assumeTrue("root".equals(System.getProperty("user.name")), "dockerd needs root");
    Cli.docker(MACHINES_SOCKET).assumeImage(image);
    // Short, since paths of sockets are.
    var docker = new PrivateDocker(Files.createTempDirectory("hd"));
    docker.start();
    docker.load(image);
    return docker;
  }

  private void load(String image) throws IOException, InterruptedException {
    var archive = folder.resolve("image.tar").toString();
    Cli.docker(MACHINES_SOCKET).run("save", "-o", archive, image);
    cli().run("load", "-i", archive);
  }

  public Path socket() {
    return folder.resolve("docker.sock");
  }

  public Cli cli() {
    return Cli.docker(socket());
  }

  public void start() throws IOException {
    // Where nobody reaps them, killed processes keep their numbers and would count as alive.
    Files.deleteIfExists(folder.resolve("docker.pid"));
    Files.deleteIfExists(folder.resolve("exec/containerd/containerd.pid"));
    var dockerd =
        String.join(
            " ",
            "exec",
            DOCKERD.toString(),
            "--data-root " + folder.resolve("data"),
            "--exec-root " + folder.resolve("exec"),
            "--pidfile " + folder.resolve("docker.pid"),
            "--host unix://" + socket(),
            "--bridge none --iptables=false --ip6tables=false");
    process =
        new ProcessBuilder(
                "unshare",
                "--net",
                "sh",
                "-c",
                "ip link set lo up; busybox nc -ll -p 5000 -e sleep 600 & " + dockerd)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("dockerd.log").toFile()))
            .start();
    await().atMost(Duration.ofSeconds(40)).until(() -> cli().succeeds("version"));
  }

  /** Running, whatever a test did to it before. */
  public void revive() throws IOException, InterruptedException {
    if (process == null || !process.isAlive()) {
      start();
    } else {
      signal("CONT");
    }
  }

  /** It takes connections and says nothing. */
  public void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  public void kill() throws InterruptedException {
    if (process != null) {
      var children = process.descendants().toList();
      process.destroyForcibly().waitFor();
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    if (process != null) {
      new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (process == null) {
      return;
    }
    revive();
    for (var container : cli().run("ps", "-aq").split("\\s+")) {
      cli().succeeds("rm", "-f", container);
    }
    var children = process.descendants().toList();
    process.destroy();
    process.waitFor();
    children.forEach(ProcessHandle::destroyForcibly);
    // dockerd leaves its folder mounted on itself when it was killed before.
    new ProcessBuilder("umount", "-l", folder.resolve("data").toString()).start().waitFor();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
