// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.RequestRecord;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The proxy in a process of its own with 128 MiB of heap and as much direct memory, and a hundred
 * clients at once whose bodies are many times larger than that together.
 */
class ConstantMemoryTest {

  private static final int CLIENTS = 100;
  private static final int BODY_BYTES = 16 * 1024 * 1024;

  /** The process: prints its port, ends with its input. */
  public static final class ProxyProcess {

    private ProxyProcess() {}

    private static void printFailure(RequestRecord record) {
      if (record.failure() != null) {
        System.out.println(record);
      }
    }

    public static void main(String[] arguments) throws Exception {
      try (var proxy = TestProxy.start().with("app", "127.0.0.1", Integer.parseInt(arguments[0]))) {
        System.out.println("PORT " + proxy.address().getPort());
        while (System.in.read() >= 0) {
          // Until the test is over.
        }
      }
    }
  }

  @Test
  void aHundredClientsUpAndDownWhileAllReadersAreSlowAtFirst() throws Exception {
    var go = new CountDownLatch(1);
    try (var exApp = new ScriptedServer(connection -> exchange(connection, go))) {
      var process = start(exApp.port());
      try {
        transferAll(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(process)), go);
        assertThat(exApp.problems()).isEmpty();
        assertThat(process.isAlive()).isTrue();
      } finally {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** Answers at once, reads the request late. */
  private static void exchange(RawConnection connection, CountDownLatch go) throws Exception {
    var head = connection.readHead();
    int length = Integer.parseInt(head.get("content-length"));
    connection.send("HTTP/1.1 200 OK\r\ncontent-length: " + BODY_BYTES + "\r\n\r\n");
    var reader =
        new Thread(
            () -> {
              try {
                go.await();
                connection.in().skipNBytes(length);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    reader.start();
    var block = new byte[64 * 1024];
    for (int sent = 0; sent < BODY_BYTES; sent += block.length) {
      connection.send(block);
    }
    reader.join();
    connection.readToEnd();
  }

  private static void transferAll(InetSocketAddress address, CountDownLatch go) throws Exception {
    var threads = Executors.newCachedThreadPool();
    try {
      var writers = new ArrayList<Future<?>>();
      var sockets = new ArrayList<Socket>();
      for (int i = 0; i < CLIENTS; i++) {
        var client = RawConnection.to(address);
        client.socket().setSoTimeout(60_000);
        sockets.add(client.socket());
        writers.add(threads.submit(() -> upload(client)));
      }
      // All buffers on the way fill up: nobody reads yet, on either side.
      TimeUnit.SECONDS.sleep(2);
      go.countDown();
      for (var socket : sockets) {
        writers.add(threads.submit(() -> download(socket)));
      }
      for (var transfer : writers) {
        transfer.get(90, TimeUnit.SECONDS);
      }
      for (var socket : sockets) {
        socket.close();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void upload(RawConnection client) throws Exception {
    client.send("PUT /exapps/app/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY_BYTES);
    client.send("\r\n\r\n");
    var block = new byte[64 * 1024];
    for (int sent = 0; sent < BODY_BYTES; sent += block.length) {
      client.send(block);
    }
    return null;
  }

  private static Void download(Socket socket) throws Exception {
    var in = socket.getInputStream();
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) in.read());
    }
    assertThat(head.toString()).startsWith("HTTP/1.1 200 OK");
    in.skipNBytes(BODY_BYTES);
    return null;
  }

  private static Process start(int exAppPort) throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new ProcessBuilder(
            java,
            "-Xmx128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            ProxyProcess.class.getName(),
            Integer.toString(exAppPort))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static int port(Process process) throws Exception {
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("PORT ")) {
        // What it logs after that is read, so that its output does not block it.
        var drain = new Thread(() -> out.lines().forEach(System.out::println));
        drain.setDaemon(true);
        drain.start();
        return Integer.parseInt(line.substring(5));
      }
    }
    throw new AssertionError("the proxy's process did not start");
  }
}
