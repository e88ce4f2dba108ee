// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppName;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.EngineRuntimeContract;
import io.github.harp.core.runtime.ExAppRuntime;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.docker.testing.Cli;
import io.github.harp.docker.testing.EventLoops;
import io.github.harp.docker.testing.OneEngine;
import io.github.harp.docker.testing.SocketUpstream;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A runtime for a real engine, what the engine itself says of a container, and certificates. */
abstract class OnARealEngine extends EngineRuntimeContract {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  private static final TunnelFiles TUNNEL_FILES =
      () ->
          List.of(
              new TunnelFile("ca.crt", bytes("the authority"), false),
              new TunnelFile("client.crt", bytes("the certificate"), false),
              new TunnelFile("client.key", bytes("the key"), true));

  @TempDir Path folder;

  SocketUpstream upstream;
  private DockerRuntimes runtimes;

  /** Where it listens. */
  abstract Path socket();

  abstract Cli cli();

  /** What the engine calls itself. */
  abstract String product();

  @BeforeEach
  void connect() throws Exception {
    assumeTrue(Files.exists(socket()), "no engine on " + socket() + "; .ci/engines starts one");
    cli().assumeImage(image());
    upstream = SocketUpstream.unix(socket());
    runtimes =
        new DockerRuntimes(
            new OneEngine(upstream), LOOPS.group(), TUNNEL_FILES, order -> {}, OrderLocks.NONE);
  }

  @Override
  protected void afterEverything() {
    // A test that was skipped has none.
    if (runtimes == null) {
      return;
    }
    runtimes.close();
    await().until(() -> upstream.openConnections() == 0);
  }

  @Override
  protected ExAppRuntime runtime() {
    return runtimes.at(Place.engine(EngineNumber.FIRST));
  }

  @Override
  protected String image() {
    return "harp-test/idle:1";
  }

  @Override
  protected String endingImage() {
    return "harp-test/exits:1";
  }

  @Override
  protected boolean hasData(ExAppName name) throws Exception {
    return cli().succeeds("volume", "inspect", name.volume());
  }

  Engine engine() {
    var patience = Duration.ofSeconds(15);
    return new Engine(
        new EngineAddress("engine 24000", upstream, LOOPS.group(), Tracing.NONE),
        patience,
        Deadline.in(patience, Ticker.systemTicker()),
        OrderLocks.Held.UNCONTESTED);
  }

  String network() throws Exception {
    var network = "harp-test-" + UUID.randomUUID().toString().substring(0, 8);
    cli().run("network", "create", network);
    return network;
  }

  /** A container that got the bundle while it was stopped, and was started since. */
  ExAppName trusting(String image, String bundle) throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image)));
    get(
        runtime()
            .installCertificates(name, new CertificateInstallation(Optional.of(bundle), true)));
    assertThat(get(runtime().start(name))).as("was stopped").isTrue();
    return name;
  }

  String modes(ExAppName name) throws Exception {
    return inside(
            name,
            "stat",
            "-c",
            "%a:%u:%g",
            "/certs",
            "/certs/frp",
            "/certs/frp/ca.crt",
            "/certs/frp/client.crt",
            "/certs/frp/client.key")
        .replaceAll("\\s+", " ");
  }

  String inspect(ExAppName name, String template) throws Exception {
    return cli().run("container", "inspect", "-f", template, name.container());
  }

  String inside(ExAppName name, String... command) throws Exception {
    return cli().run(exec(name, command));
  }

  boolean insideSucceeds(ExAppName name, String... command) throws Exception {
    return cli().succeeds(exec(name, command));
  }

  private static String[] exec(ExAppName name, String... command) {
    var all = new String[command.length + 2];
    all[0] = "exec";
    all[1] = name.container();
    System.arraycopy(command, 0, all, 2, command.length);
    return all;
  }

  static String lines(String certificate) {
    return certificate.strip();
  }

  String selfSigned() throws Exception {
    var certificate = folder.resolve("ca.pem");
    var made =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=harp test",
                "-days",
                "1",
                "-keyout",
                folder.resolve("ca.key").toString(),
                "-out",
                certificate.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start()
            .waitFor();
    assertThat(made).isZero();
    return Files.readString(certificate);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
