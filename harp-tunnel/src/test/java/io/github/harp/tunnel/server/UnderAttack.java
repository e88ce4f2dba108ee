// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.TunnelLimits.Newcomers;
import io.github.harp.tunnel.server.TunnelLimits.Times;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/**
 * A server and an honest client. After each attack the attacker is gone or bounded, nothing of it
 * is left, and the honest client is served as before.
 */
abstract class UnderAttack extends ServerFixture {

  static final int WRONG_KEYS_BEFORE_BAN = 3;
  static final int MOST_NEW_CONNECTIONS = 40;
  static final String WEB_SOCKET =
      """
      GET /~!frp HTTP/1.1\r
      Host: here\r
      Upgrade: websocket\r
      Connection: Upgrade\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;

  static final int MOST_IF_BANNED = 4;

  /** On attacks that wait until the server's patience with the silent ends. */
  static final String SILENT = "silent";

  /** On attacks that wait until users no longer wait for a client. */
  static final String UNREAD = "unread";

  /** The honest client has to keep within it, too, on a machine that does a lot besides. */
  static final Duration SHORT_PATIENCE = Duration.ofSeconds(2);

  /** What a connection too many of its address has to go on in. */
  static final Duration A_MOMENT = Duration.ofMillis(250);

  static final Duration LONG_PATIENCE = Duration.ofMinutes(2);

  final AtomicInteger failures = new AtomicInteger();
  final List<Socket> sockets = new ArrayList<>();
  HonestClient honest;
  int threadsBefore;

  @BeforeEach
  void start(TestInfo attack) throws Exception {
    var tls = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    start(
        options()
            .tls(() -> tls)
            // A flood brings more than anybody wants to remember.
            .listener(TunnelListener.none())
            .bans(bansAfterFewFailures())
            .limits(
                Limits.of(
                    new Times(
                        attack.getTags().contains(SILENT) ? SHORT_PATIENCE : LONG_PATIENCE,
                        LONG_PATIENCE,
                        attack.getTags().contains(UNREAD) ? SHORT_PATIENCE : LONG_PATIENCE,
                        LONG_PATIENCE),
                    new Newcomers(1024, MOST_NEW_CONNECTIONS, MOST_IF_BANNED))));
    await("an honest login, which like frpc tries again")
        .ignoreExceptions()
        .until(this::connectHonestClient);
    honest.assertServed();
    threadsBefore = Thread.activeCount();
  }

  boolean connectHonestClient() throws Exception {
    honest = HonestClient.connect(server, address, loops, KEY, 23_900);
    return true;
  }

  @AfterEach
  void nothingIsLeftAndTheHonestClientIsServed() throws Exception {
    honest.assertServed();
    for (Socket socket : sockets) {
      socket.close();
    }
    await()
        .untilAsserted(
            () -> {
              assertThat(server.status().newConnections()).isZero();
              assertThat(server.status().heldBytes()).isZero();
              assertThat(Thread.activeCount()).isLessThanOrEqualTo(threadsBefore + 2);
            });
  }

  LoginBans bansAfterFewFailures() {
    return new LoginBans() {
      @Override
      public boolean isBanned(InetAddress who) {
        return failures.get() >= WRONG_KEYS_BEFORE_BAN;
      }

      @Override
      public void recordFailure(InetAddress who, String reason) {
        failures.incrementAndGet();
      }
    };
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(60_000);
    sockets.add(socket);
    return socket;
  }

  Socket send(int... bytes) throws IOException {
    Socket socket = connect();
    // At once: the first ones may be enough for an end.
    var all = ByteBuffer.allocate(bytes.length);
    for (int one : bytes) {
      all.put((byte) one);
    }
    socket.getOutputStream().write(all.array());
    return socket;
  }

  static void assertClosed(Socket socket) {
    try {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // whatever it still says
      }
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("the server did not close the connection", e);
    } catch (IOException reset) {
      // closed, too
    }
  }

  FrpPeer peer() {
    return client();
  }

  String loginError() {
    try {
      return peer().login(KEY).error();
    } catch (Exception | AssertionError cutOff) {
      return cutOff.toString();
    }
  }

  static ByteBuf ping() {
    return Unpooled.wrappedBuffer(new byte[] {0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  /** Opens connections one after another, says nothing, and closes none of the last thousand. */
  final class Flood implements AutoCloseable {
    final AtomicInteger opened = new AtomicInteger();
    private final ArrayDeque<Socket> silent = new ArrayDeque<>();
    private final Thread opener = new Thread(this::open, "flood");
    private volatile boolean over;

    Flood() {
      opener.start();
    }

    private void open() {
      while (!over) {
        try {
          silent.add(new Socket(address.getAddress(), address.getPort()));
          opened.incrementAndGet();
          if (silent.size() > 1_000) {
            silent.poll().close();
          }
        } catch (IOException refused) {
          // the next one
        }
      }
    }

    @Override
    public void close() throws Exception {
      over = true;
      opener.join();
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }
}
