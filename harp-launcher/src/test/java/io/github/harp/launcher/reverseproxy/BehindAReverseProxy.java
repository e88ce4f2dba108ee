// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.testing.UnusedPort;
import io.github.harp.launcher.demo.Demo;
import io.github.harp.launcher.demo.RunningDemo;
import io.github.harp.launcher.logging.LogOutput;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The demo and a gateway for a Nextcloud in a folder, each behind a reverse proxy that is
 * configured as documented, and a client of theirs.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class BehindAReverseProxy {

  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String ALICE = "nc_session=demo-session-of-alice; oc_sessionPassphrase=demo-alice";

  /** Where test clients come from, which is not where the proxy comes from. */
  static final String CLIENT = "127.0.0.7";

  final Vertx vertx = Vertx.vertx();
  final int port = freePort();
  int folderPort;

  private final ListAppender<ILoggingEvent> accessLog = new ListAppender<>();
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions().setLocalAddress(CLIENT).setMaxHeaderSize(64 * 1024));
  private final List<Process> proxies = new ArrayList<>();
  private RunningDemo demo;
  private GatewayOfFolder gatewayOfFolder;
  private Path certificates;

  /** The program; the test is skipped where it is not installed. */
  abstract Path program();

  /**
   * Writes a configuration, made of the documented one and what a server needs around it.
   *
   * @param folder for the configuration and everything that the program writes
   * @param port where the program shall listen, on 127.0.0.1
   * @param examples the documented ones
   * @return the command that runs the program in the foreground
   */
  abstract List<String> configure(Path folder, int port, Examples examples) throws IOException;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    assumeTrue(Files.isExecutable(program()), program() + " is not installed");
    demo = get(new Demo(vertx, new Demo.Ports(0, 0, 0), folder.resolve("certificates")).start());
    run(folder, port, examples());

    var another = Files.createDirectory(folder.resolve("nextcloud"));
    certificates = another.resolve("certificates");
    gatewayOfFolder = get(GatewayOfFolder.start(vertx, certificates));
    folderPort = freePort();
    run(another, folderPort, examplesInFolder());

    accessLog.start();
    var logger = (Logger) LoggerFactory.getLogger(LogOutput.ACCESS);
    logger.setLevel(Level.INFO);
    logger.addAppender(accessLog);
  }

  private void run(Path folder, int port, Examples examples) throws IOException {
    run(folder, port, configure(folder, port, examples));
  }

  /** Until the end of the tests. */
  final void run(Path folder, int port, List<String> command) throws IOException {
    var output = folder.resolve("output.log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("HOME", folder.toString());
    var proxy = builder.start();
    proxies.add(proxy);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(proxy.isAlive()).as(Files.readString(output)).isTrue();
              return isListening(port);
            });
  }

  @AfterAll
  void stop() throws Exception {
    ((Logger) LoggerFactory.getLogger(LogOutput.ACCESS)).detachAppender(accessLog);
    for (var proxy : proxies) {
      proxy.destroy();
      proxy.waitFor(30, TimeUnit.SECONDS);
    }
    if (demo != null) {
      get(demo.stop());
    }
    if (gatewayOfFolder != null) {
      get(gatewayOfFolder.stop());
    }
    get(vertx.close());
  }

  List<String> accessLines() {
    return List.copyOf(accessLog.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  final WebSocketConnectOptions chat() {
    return new WebSocketConnectOptions()
        .setHost("127.0.0.1")
        .setPort(port)
        .setURI("/exapps/demo/api/chat")
        .putHeader("cookie", ALICE);
  }

  /** For a proxy of a test's own. */
  final Examples examples() {
    return new Examples(URI.create(demo.page()).getPort(), false);
  }

  /** The same of the one in a folder. */
  final Examples examplesInFolder() {
    return new Examples(gatewayOfFolder.port(), true);
  }

  /** As an engine that is there for as long as it takes to call it once. */
  final void dialIn(String version, String protocol, int port, boolean tls, Path folder)
      throws Exception {
    new DiallingEngine(gatewayOfFolder, certificates())
        .dialIn(version, protocol, port, tls, folder);
  }

  /** Of the gateway's tunnels: the name in them is {@code harp.nc}. */
  final Path certificates() {
    return certificates.resolve("frp");
  }

  final RequestOptions inFolder(String path) {
    return request(HttpMethod.GET, "").setPort(folderPort).setURI("/nextcloud/exapps/demo/" + path);
  }

  final RequestOptions request(HttpMethod method, String path) {
    return new RequestOptions()
        .setHost("127.0.0.1")
        .setPort(port)
        .setMethod(method)
        .setURI("/exapps/demo/" + path)
        .putHeader("cookie", ALICE);
  }

  /**
   * @param read what becomes of the answer; attached on its event loop, or it may be there before
   */
  final <T> Future<T> send(
      RequestOptions request, Buffer body, Function<HttpClientResponse, Future<T>> read) {
    return client
        .request(request)
        .compose(open -> (body.length() == 0 ? open.send() : open.send(body)).compose(read));
  }

  final int status(RequestOptions request) {
    return get(
        send(request, Buffer.buffer(), answer -> answer.body().map(body -> answer.statusCode())));
  }

  String text(RequestOptions request) {
    return get(send(request, Buffer.buffer(), HttpClientResponse::body)).toString();
  }

  final JsonObject json(RequestOptions request) {
    return new JsonObject(text(request));
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isListening(int port) {
    try (var socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  static int freePort() {
    return UnusedPort.find();
  }
}
