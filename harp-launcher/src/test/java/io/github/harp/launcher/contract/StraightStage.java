// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.core.AppId;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A gateway that introduces an ExApp, {@code bulk}, to its visitors, and their programs. */
final class StraightStage implements AutoCloseable {

  static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.61.1/frpc").toAbsolutePath();

  private static final Path JAR =
      Path.of(System.getProperty("harp.jar", "target/harp.jar")).toAbsolutePath();
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  final NextcloudDouble nextcloud = new NextcloudDouble(Stage.KEY);
  final Map<String, String> environment = Stage.environment(nextcloud.port());
  final HarpProcess harp;
  private final int tunnels = HarpProcess.freePort();
  private final List<Process> programs = new ArrayList<>();

  StraightStage() throws IOException {
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + tunnels);
    environment.put("HP_STUN_ADDRESS", "127.0.0.1:" + freePairOfPorts());
    harp = HarpProcess.start(environment).awaitListening(tunnels);
  }

  private static int freePairOfPorts() throws IOException {
    try (var one = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return one.getLocalPort();
    }
  }

  /** What the ExApp dials in with. */
  static String token() {
    return new HmacTunnelTokens(SharedKey.of(Stage.KEY)).mint(new AppId("bulk"), 23000);
  }

  /** The head of an {@code frpc.toml}, for a program in a folder with {@link #certificates}. */
  String toml(String token) {
    return """
    serverAddr = "127.0.0.1"
    serverPort = %d
    natHoleStunServer = "%s"
    loginFailExit = false
    metadatas.token = "%s"
    transport.tls.certFile = "client.crt"
    transport.tls.keyFile = "client.key"
    transport.tls.trustedCaFile = "ca.crt"
    transport.tls.serverName = "harp.nc"
    """
        .formatted(tunnels, environment.get("HP_STUN_ADDRESS"), token);
  }

  void certificates(Path folder) throws IOException {
    for (var file : List.of("client.crt", "client.key", "ca.crt")) {
      Files.copy(harp.certificates().resolve("frp").resolve(file), folder.resolve(file));
    }
  }

  /** What a command says that ends by itself. */
  String says(String... arguments) throws IOException {
    var builder = new ProcessBuilder(command(List.of(JAVA), arguments)).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new String(builder.start().getInputStream().readAllBytes(), UTF_8);
  }

  /** Starts a command that takes signals. */
  Process harp(Path folder, Path log, String... arguments) throws IOException {
    var java = List.of("env", "--default-signal", JAVA, "-Xmx128m");
    return start(folder, log, command(java, arguments));
  }

  private static List<String> command(List<String> java, String... arguments) {
    var command = new ArrayList<>(java);
    command.addAll(List.of("-jar", JAR.toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  Process start(Path folder, Path log, List<String> command) throws IOException {
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    programs.add(process);
    return process;
  }

  static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /** What the gateway says of tunnels. */
  JsonObject status() throws IOException {
    var admin = environment.get("HP_ADMIN_ADDRESS");
    var port = Integer.parseInt(admin.substring(admin.indexOf(':') + 1));
    try (var wire = new Wire(port)) {
      var answer =
          wire.send(Wire.request("GET", "/status", List.of("harp-shared-key: " + Stage.KEY)))
              .answer();
      return new JsonObject(answer.text()).getJsonObject("tunnels");
    }
  }

  /** What has passed the gateway. */
  long bytes() throws IOException {
    return status().getJsonArray("sessions").stream()
        .mapToLong(session -> ((JsonObject) session).getLong("bytes_in"))
        .sum();
  }

  @Override
  public void close() {
    programs.forEach(Process::destroyForcibly);
    harp.close();
  }
}
