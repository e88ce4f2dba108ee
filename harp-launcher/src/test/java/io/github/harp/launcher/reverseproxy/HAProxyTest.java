// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Behind HAProxy. */
final class HAProxyTest extends ReverseProxyContract {

  private static final int ENABLE_CONNECT_PROTOCOL = 8;

  @Override
  Path program() {
    return Path.of("/usr/sbin/haproxy");
  }

  @Override
  boolean noticesWhoLeavesASilentStream() {
    return false;
  }

  @Override
  List<String> configure(Path folder, int port, Examples examples) throws IOException {
    return configure(folder, port, "", examples);
  }

  private List<String> configure(Path folder, int port, String protocol, Examples examples)
      throws IOException {
    var file =
        Files.writeString(
            folder.resolve("haproxy.cfg"),
            """
            %4$s
            frontend web
              mode http
              bind 127.0.0.1:%1$d %2$s
              timeout client 30s
              %3$s
              %5$s
            """
                .formatted(
                    port,
                    protocol,
                    examples.rule("haproxy"),
                    examples.beside("haproxy"),
                    examples.tunnels("haproxy")));
    return List.of(program().toString(), "-db", "-f", file.toString());
  }

  /** RFC 8441: browsers then open WebSockets over the connection that they have. */
  @Test
  void overHttp2ItOffersWebSockets(@TempDir Path folder) throws Exception {
    var port = freePort();
    run(folder, port, configure(folder, port, "proto h2", new Examples(9, false)));

    assertThat(settings(port)).containsEntry(ENABLE_CONNECT_PROTOCOL, 1);
  }

  private static Map<Integer, Integer> settings(int port) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
                  .getBytes(StandardCharsets.US_ASCII));
      var in = new DataInputStream(socket.getInputStream());
      var head = ByteBuffer.wrap(in.readNBytes(9));
      var payload = ByteBuffer.wrap(in.readNBytes(head.getInt() >>> 8));
      var settings = new HashMap<Integer, Integer>();
      while (payload.hasRemaining()) {
        settings.put((int) payload.getShort(), payload.getInt());
      }
      return settings;
    }
  }
}
