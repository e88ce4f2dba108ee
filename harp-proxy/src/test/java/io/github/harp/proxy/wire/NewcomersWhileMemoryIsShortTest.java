// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.budget.Budget;
import io.github.harp.proxy.budget.BudgetLimit;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody keeps memory short, and for long: whoever comes meanwhile, and sends what he has to say
 * in large pieces that take their time, is served all the same.
 */
class NewcomersWhileMemoryIsShortTest {

  /** Nearly as much as a record of TLS, or a frame of HTTP/2, may hold. */
  private static final int PIECE_BYTES = 16_000;

  /** Of a piece what comes first: more than what may wait whatever memory there is. */
  private static final int FIRST_BYTES = 12_000;

  private static final String START =
      "POST /exapps/app_api/x HTTP/1.1\r\nHost: h\r\nHARP-SHARED-KEY: " + TestProxy.KEY + "\r\n";

  @TempDir Path folder;
  private BudgetedFrontend frontend;
  private Budget buffers;
  private long limit;

  @BeforeEach
  void start() {
    frontend = new BudgetedFrontend(PIECE_BYTES);
    buffers = frontend.budget().buffers();
    limit = BudgetLimit.of(buffers);
    buffers.add(limit);
  }

  @AfterEach
  void stop() {
    frontend.close();
  }

  /** A large piece is sent in two, the second once it is known that the first waits. */
  private final class InTwo extends FilterOutputStream {

    InTwo(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      int first = length < PIECE_BYTES ? length : FIRST_BYTES;
      out.write(bytes, from, first);
      out.flush();
      if (first < length) {
        await().pollInSameThread().until(() -> buffers.used() >= limit + first);
        out.write(bytes, from + first, length - first);
      }
    }
  }

  private final class SocketInTwo extends Socket {

    SocketInTwo(InetSocketAddress address) throws IOException {
      super(InetAddress.getLoopbackAddress(), address.getPort());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new InTwo(super.getOutputStream());
    }
  }

  private RawConnection connect() throws IOException {
    return new RawConnection(new SocketInTwo(frontend.address()));
  }

  private SSLSocket connectTls() throws Exception {
    var pem = folder.resolve("cert.pem");
    var pair = PemText.keyPair("EC");
    Files.writeString(pem, PemText.certificate(pair, "one") + PemText.key(pair, "PKCS#8"));
    var plain = new SocketInTwo(frontend.listenTls(pem));
    return (SSLSocket)
        TlsTest.trustAll()
            .getSocketFactory()
            .createSocket(plain, "localhost", plain.getPort(), /* autoClose= */ true);
  }

  private static String largeHead() {
    return START + "Content-Length: 0\r\nX-Large: " + "x".repeat(PIECE_BYTES) + "\r\n\r\n";
  }

  private static String upload() {
    return START + "Content-Length: " + PIECE_BYTES + "\r\n\r\n" + "x".repeat(PIECE_BYTES);
  }

  @Test
  @DisplayName("S1: a large record of TLS")
  void recordOfTls() throws Exception {
    try (var socket = connectTls()) {
      var client = new RawConnection(socket);
      client.send(upload());
      assertThat(client.readResponse().text()).isEqualTo(PIECE_BYTES + " bytes");
      client.send(largeHead());
      assertThat(client.readResponse().text()).isEqualTo("0 bytes");
    }
  }

  @Test
  @DisplayName("S1: a large head of HTTP/1.1")
  void headOfHttp1() throws Exception {
    try (var client = connect()) {
      client.send(largeHead());
      assertThat(client.readResponse().text()).isEqualTo("0 bytes");
      client.send(largeHead());
      assertThat(client.readResponse().text()).isEqualTo("0 bytes");
    }
  }

  @Test
  @DisplayName("S1: a large frame of HTTP/2")
  void frameOfHttp2() throws Exception {
    try (var client = connect()) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      client.send(Http2Frames.frame(4, 0, 0, new byte[0]));
      client.send(Http2Frames.frame(1, 4, 1, block()));
      client.send(Http2Frames.frame(0, 1, 1, new byte[PIECE_BYTES]));
      assertThat(answerTo(client, 1)).isEqualTo(PIECE_BYTES + " bytes");
    }
  }

  /** What comes on a stream until its end, as far as it is a body. */
  private static String answerTo(RawConnection client, int stream) throws IOException {
    var body = new StringBuilder();
    while (true) {
      var header = ByteBuffer.wrap(client.in().readNBytes(9));
      int lengthAndType = header.getInt();
      int flags = header.get();
      int of = header.getInt();
      var payload = client.in().readNBytes(lengthAndType >>> 8);
      int type = lengthAndType & 0xff;
      assertThat(type).as("frames, but for RST_STREAM and GOAWAY").isNotIn(3, 7);
      if (of == stream && type == 0) {
        body.append(new String(payload, StandardCharsets.US_ASCII));
      }
      if (of == stream && (flags & 1) != 0) {
        return body.toString();
      }
    }
  }

  /** POST and http from the static table, the others as literals: RFC 7541, 6.1 and 6.2.2. */
  private static byte[] block() {
    var block = ByteBuffer.allocate(128).put((byte) 0x83).put((byte) 0x86);
    text(block.put((byte) 0x04), "/exapps/app_api/x");
    text(block.put((byte) 0x01), "h");
    text(block.put((byte) 0x00), "harp-shared-key");
    text(block, TestProxy.KEY);
    return Arrays.copyOf(block.array(), block.position());
  }

  private static void text(ByteBuffer to, String text) {
    to.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
  }
}
