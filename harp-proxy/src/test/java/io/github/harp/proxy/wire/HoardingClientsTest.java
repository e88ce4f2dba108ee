// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.proxy.transport.Transport;
import io.github.harp.proxy.transport.TransportChoice;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The proxy in a process of its own with 128 MiB of heap and as much direct memory, and clients
 * that make it keep what they never take: others are served meanwhile, and it lives on.
 */
class HoardingClientsTest {

  private static final int STREAMS = 100;
  private static final int ROUNDS = 10;
  private static final int BODY_BYTES = 256 * 1024;

  private final List<Socket> sockets = new ArrayList<>();

  static Stream<TransportChoice> transports() {
    return Stream.of(TransportChoice.values())
        .filter(choice -> choice != TransportChoice.AUTO)
        .filter(choice -> Transport.valueOf(choice.name()).unavailability() == null);
  }

  @DisplayName("S1: 40 HTTP/2 connections with 100 streams each and no window, on a large answer")
  @ParameterizedTest
  @MethodSource("transports")
  void zeroWindows(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        40 * STREAMS,
        proxy -> {
          for (int i = 0; i < 40; i++) {
            open(proxy.address(), 0).getOutputStream().write(http2(0, "/exapps/app/big", 0));
          }
        });
  }

  @DisplayName("S1: 1,800 HTTP/1.1 clients that do not read a large answer")
  @ParameterizedTest
  @MethodSource("transports")
  void slowReaders(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        1_800,
        proxy -> {
          for (int i = 0; i < 1_800; i++) {
            open(proxy.address(), 4096).getOutputStream().write(http1("GET /exapps/app/big"));
          }
        });
  }

  @DisplayName("S1: 30 HTTP/2 connections with 100 streams of 850 headers each, to a slow ExApp")
  @ParameterizedTest
  @MethodSource("transports")
  void manyHeaders(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        0,
        proxy -> {
          for (int i = 0; i < 30; i++) {
            open(proxy.address(), 0)
                .getOutputStream()
                .write(http2(65_535, "/exapps/app/never", 850));
          }
        });
  }

  @DisplayName("S1: 1,000 HTTP/1.1 and 200 HTTP/2 clients with bodies that the ExApp does not take")
  @ParameterizedTest
  @MethodSource("transports")
  void bodiesForADeafExApp(TransportChoice transport) throws Exception {
    var body = new byte[BODY_BYTES];
    underAttack(
        transport,
        1_000,
        proxy -> {
          for (int i = 0; i < 1_000; i++) {
            push(
                proxy.address(), http1("POST /exapps/app/deaf", "Content-Length: 100000000"), body);
          }
          for (int i = 0; i < 200; i++) {
            push(proxy.address(), http2Upload("/exapps/app/deaf"), new byte[0]);
          }
        });
  }

  @DisplayName("S1: 40 HTTP/2 connections with 20 streams each and no window, on chunks of a byte")
  @ParameterizedTest
  @MethodSource("transports")
  void answersInCrumbs(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        40 * 20,
        proxy -> {
          for (int i = 0; i < 40; i++) {
            open(proxy.address(), 0).getOutputStream().write(http2(0, "/exapps/app/crumbs", 0, 20));
          }
        });
  }

  @DisplayName("S1: 100 HTTP/2 connections with bodies a byte at a time that the ExApp leaves")
  @ParameterizedTest
  @MethodSource("transports")
  void bodiesInCrumbs(TransportChoice transport) throws Exception {
    var crumbs = new ByteArrayOutputStream();
    var out = new DataOutputStream(crumbs);
    out.write(http2Upload("/exapps/app/deaf"));
    for (int i = 0; i < 60_000; i++) {
      out.write(Http2Frames.frame(0, 0, 1, new byte[1]));
    }
    underAttack(
        transport,
        100,
        proxy -> {
          for (int i = 0; i < 100; i++) {
            push(proxy.address(), crumbs.toByteArray(), new byte[0]);
          }
        });
  }

  @DisplayName("S1: 40 HTTP/2 connections with 100 streams each, on answers with large heads")
  @ParameterizedTest
  @MethodSource("transports")
  void headsOfAnswers(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        40 * STREAMS,
        proxy -> {
          for (int i = 0; i < 40; i++) {
            open(proxy.address(), 4096).getOutputStream().write(http2(0, "/exapps/app/heads", 0));
          }
          sip();
        });
  }

  @DisplayName("S1: 40 HTTP/2 connections with 100 streams each, on answers with large trailers")
  @ParameterizedTest
  @MethodSource("transports")
  void trailersOfAnswers(TransportChoice transport) throws Exception {
    underAttack(
        transport,
        40 * STREAMS,
        proxy -> {
          for (int i = 0; i < 40; i++) {
            open(proxy.address(), 4096)
                .getOutputStream()
                .write(http2(0, "/exapps/app/trailers", 0));
          }
          sip();
        });
  }

  @DisplayName("S1: 6,000 halves of a TLS ClientHello")
  @ParameterizedTest
  @MethodSource("transports")
  void halvesOfHandshakes(TransportChoice transport) throws Exception {
    var half = new byte[15_000];
    // A record of 16 KiB with a ClientHello of nearly as many: RFC 8446, sections 5.1 and 4.1.2.
    System.arraycopy(new byte[] {22, 3, 1, 0x40, 0, 1, 0, 0x3f, -4, 3, 3}, 0, half, 0, 11);
    underAttack(
        transport,
        0,
        proxy -> {
          for (int i = 0; i < 6_000; i++) {
            push(proxy.tlsAddress(), half, new byte[0]);
          }
        });
  }

  @DisplayName("S1: 4,000 halves of a head of HTTP/1.1, and of a frame of HTTP/2")
  @ParameterizedTest
  @MethodSource("transports")
  void halvesOfHeadsAndFrames(TransportChoice transport) throws Exception {
    var head = http1("GET /exapps/app/small", "X-Large: " + "x".repeat(30_000));
    var frames = new ByteArrayOutputStream();
    var out = new DataOutputStream(frames);
    out.write(http2(0, "", 0, 0));
    out.write(Http2Frames.frame(0, 0, 1, new byte[16 * 1024]));
    var upload = Arrays.copyOf(frames.toByteArray(), frames.size() - 1);
    underAttack(
        transport,
        0,
        proxy -> {
          for (int i = 0; i < 4_000; i++) {
            push(proxy.address(), Arrays.copyOf(head, head.length - 3), new byte[0]);
            push(proxy.address(), upload, new byte[0]);
          }
        });
  }

  @DisplayName("S1: 1,500 HTTP/1.1 clients that pipeline and go without having read")
  @ParameterizedTest
  @MethodSource("transports")
  void pipeliningClientsThatGo(TransportChoice transport) throws Exception {
    var requests = new ByteArrayOutputStream();
    for (int i = 0; i < 3_000; i++) {
      requests.write(http1("GET /exapps/app/small"));
    }
    underAttack(
        transport,
        1_500,
        proxy -> {
          for (int i = 0; i < 1_500; i++) {
            push(proxy.address(), requests.toByteArray(), new byte[0]);
          }
        });
  }

  @DisplayName("S1: 500 HTTP/2 connections with 10,000 refused requests each, and no answer read")
  @ParameterizedTest
  @MethodSource("transports")
  void refusalsThatNobodyReads(TransportChoice transport) throws Exception {
    var requests = new ByteArrayOutputStream();
    var out = new DataOutputStream(requests);
    out.write(http2(0, "/exapps/app/%01", 0));
    for (int i = STREAMS; i < 10_000; i++) {
      out.write(Http2Frames.frame(1, 0x5, 2 * i + 1, headerBlock("GET", "/exapps/app/%01", 0)));
    }
    underAttack(
        transport,
        0,
        proxy -> {
          var left = new HashMap<SocketChannel, ByteBuffer>();
          for (int i = 0; i < 500; i++) {
            left.put(open(proxy.address()), ByteBuffer.wrap(requests.toByteArray()));
          }
          // Each has some hundred answered, or is cut off: what sockets keep of them is taken up.
          await()
              .pollInSameThread()
              .until(
                  () -> {
                    left.entrySet().removeIf(HoardingClientsTest::isSent);
                    return left.values().stream().allMatch(rest -> rest.position() > 100_000);
                  });
        });
  }

  private static boolean isSent(Map.Entry<SocketChannel, ByteBuffer> rest) {
    try {
      rest.getKey().write(rest.getValue());
      return !rest.getValue().hasRemaining();
    } catch (IOException cutOff) {
      return true;
    }
  }

  private SocketChannel open(InetSocketAddress proxy) throws IOException {
    var channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
    channel.connect(proxy);
    channel.configureBlocking(false);
    sockets.add(channel.socket());
    return channel;
  }

  /** Whoever takes something now and then does not stand still. */
  private void sip() {
    var open = new ArrayList<>(sockets);
    var reader =
        new Thread(
            () -> {
              var piece = new byte[4096];
              while (!open.isEmpty()) {
                open.removeIf(socket -> !takes(socket, piece));
              }
            },
            "slow readers");
    reader.setDaemon(true);
    reader.start();
  }

  private static boolean takes(Socket socket, byte[] piece) {
    try {
      var in = socket.getInputStream();
      return in.available() == 0 ? !socket.isClosed() : in.read(piece) >= 0;
    } catch (IOException closed) {
      return false;
    }
  }

  private interface Attack {
    void on(ProxyProcess proxy) throws Exception;
  }

  /**
   * @param requests so many of the attackers' requests are to reach the ExApp
   */
  private void underAttack(TransportChoice transport, int requests, Attack attack)
      throws Exception {
    try (var exApp = new BoundlessExApp();
        var other = new BoundlessExApp();
        var proxy = ProxyProcess.start(transport, exApp.port(), other.port())) {
      serve(proxy, ROUNDS);
      attack.on(proxy);
      // Until those are cut off that keep most, a request may be told to come back: 503.
      await().pollInSameThread().until(() -> exApp.requests() >= requests && isServing(proxy));
      assertThat(proxy.usedMegabytes()).as("heap and buffers").isLessThan(2 * 128 * 3 / 4);
      closeAll();
      serve(proxy, ROUNDS);
    } finally {
      closeAll();
    }
  }

  private void closeAll() throws IOException {
    for (var socket : sockets) {
      socket.close();
    }
  }

  /** Others have another ExApp, and read. */
  private static void serve(ProxyProcess proxy, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(ask(proxy).text()).isEqualTo("ok");
    }
  }

  private static boolean isServing(ProxyProcess proxy) throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      var answer = ask(proxy);
      assertThat(answer.status()).isIn(200, 503);
      if (answer.status() == 503) {
        return false;
      }
    }
    return true;
  }

  private static RawConnection.Message ask(ProxyProcess proxy) throws Exception {
    try (var client = RawConnection.to(proxy.address())) {
      client.send(http1("GET /exapps/other/small"));
      return client.readResponse();
    }
  }

  private Socket open(InetSocketAddress proxy, int receiveBuffer) throws IOException {
    var socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.getPort()));
    sockets.add(socket);
    return socket;
  }

  /** As much as is taken at once. */
  private void push(InetSocketAddress proxy, byte[] head, byte[] body) throws IOException {
    var channel = SocketChannel.open(proxy);
    sockets.add(channel.socket());
    channel.write(ByteBuffer.wrap(head));
    channel.configureBlocking(false);
    channel.write(ByteBuffer.wrap(body));
  }

  private static byte[] http1(String method, String... headers) {
    var lines = String.join("", List.of(headers).stream().map(line -> line + "\r\n").toList());
    return (method + " HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** As much as the window of a stream lets in. */
  private static byte[] http2Upload(String path) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    out.write(Http2Frames.frame(4, 0, 0, new byte[0]));
    // Without the acknowledgement of its settings the windows are those of the RFC.
    out.write(Http2Frames.frame(4, 1, 0, new byte[0]));
    out.write(Http2Frames.frame(1, 0x4, 1, headerBlock("POST", path, 0)));
    for (int i = 0; i < 4; i++) {
      out.write(Http2Frames.frame(0, 0, 1, new byte[16 * 1024]));
    }
    return bytes.toByteArray();
  }

  /** Preface, settings and a hundred requests. */
  private static byte[] http2(int window, String path, int headers) throws IOException {
    return http2(window, path, headers, STREAMS);
  }

  private static byte[] http2(int window, String path, int headers, int streams)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    out.write(
        Http2Frames.frame(4, 0, 0, new byte[] {0, 4, 0, 0, (byte) (window >> 8), (byte) window}));
    var block = headerBlock("GET", path, headers);
    for (int i = 0; i < streams; i++) {
      out.write(Http2Frames.frame(1, 0x5, 2 * i + 1, block));
    }
    return bytes.toByteArray();
  }

  /** Literals without indexing, RFC 7541, section 6.2.2; GET and http from the static table. */
  private static byte[] headerBlock(String method, String path, int headers) {
    var block = new ByteArrayOutputStream();
    block.write(method.equals("GET") ? 0x82 : 0x83);
    block.write(0x86);
    block.write(0x04);
    string(block, path);
    block.write(0x01);
    string(block, "h");
    for (int i = 0; i < headers; i++) {
      block.write(0x00);
      string(block, "x" + i);
      string(block, "y");
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    block.write(text.length());
    block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
