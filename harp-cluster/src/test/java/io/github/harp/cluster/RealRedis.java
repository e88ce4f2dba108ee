// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.core.testing.UnusedPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server of this test, which can be stopped, frozen and started again: redis-server, or what the
 * property {@code harp.redis-server} names.
 */
final class RealRedis implements AutoCloseable {

  private static final Path SERVER =
      Path.of(System.getProperty("harp.redis-server", "/usr/bin/redis-server"));

  private final Path folder;
  private final int port;
  private final List<String> command;
  private Process process;

  private RealRedis(Path folder, int port, List<String> command) {
    this.folder = folder;
    this.port = port;
    this.command = command;
    start();
  }

  /**
   * @param folder of this server alone
   * @param options {@code --name value}
   */
  static RealRedis in(Path folder, String... options) {
    var port = freePort();
    var command = command(folder);
    command.addAll(List.of("--port", String.valueOf(port)));
    command.addAll(List.of(options));
    return new RealRedis(folder, port, command);
  }

  /** One that is spoken to over TLS alone. */
  static RealRedis withTls(Path folder, int port, String... options) {
    var command = command(folder);
    command.addAll(List.of("--port", "0", "--tls-port", String.valueOf(port)));
    command.addAll(List.of(options));
    return new RealRedis(folder, port, command);
  }

  /** A sentinel that looks after {@code mymaster}. */
  static RealRedis sentinel(Path folder, RealRedis master) {
    var port = freePort();
    try {
      Files.createDirectories(folder);
      var file =
          Files.writeString(
              folder.resolve("sentinel.conf"),
              String.join(
                  "\n",
                  "port " + port,
                  "bind 127.0.0.1",
                  "dir " + folder,
                  "sentinel monitor mymaster 127.0.0.1 " + master.port + " 1",
                  "sentinel down-after-milliseconds mymaster 500",
                  "sentinel failover-timeout mymaster 3000",
                  ""));
      return new RealRedis(
          folder, port, new ArrayList<>(List.of(SERVER.toString(), file.toString(), "--sentinel")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(Path folder) {
    assumeTrue(Files.exists(SERVER), SERVER + " is missing; a package of Debian has its name");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ArrayList<>(
        List.of(
            SERVER.toString(),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder.toString(),
            "--save",
            "",
            "--appendonly",
            "no"));
  }

  static int freePort() {
    return UnusedPort.find();
  }

  void start() {
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("redis.log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await().until(this::listens);
  }

  private boolean listens() {
    try (var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  /** At once; what it knew is gone. */
  void kill() {
    process.destroyForcibly();
    await().until(() -> !process.isAlive());
  }

  /** It is there and says nothing. */
  void freeze() {
    signal("STOP");
  }

  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    run(List.of("kill", "-" + name, String.valueOf(process.pid())));
  }

  /** What redis-cli prints. */
  String cli(String... arguments) {
    var line = new ArrayList<>(List.of("redis-cli", "-p", String.valueOf(port)));
    line.addAll(List.of(arguments));
    return run(line);
  }

  private static String run(List<String> line) {
    try {
      var run = new ProcessBuilder(line).redirectErrorStream(true).start();
      run.getOutputStream().close();
      var output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      run.waitFor(30, TimeUnit.SECONDS);
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int port() {
    return port;
  }

  String url() {
    return "redis://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    thaw();
    kill();
  }
}
