// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import static io.github.harp.bench.attack.kinds.Door.TUNNEL;
import static io.github.harp.bench.attack.kinds.Door.TUNNEL_TLS;
import static io.github.harp.bench.attack.kinds.Frames.YAMUX_DATA;
import static io.github.harp.bench.attack.kinds.Frames.YAMUX_PING;
import static io.github.harp.bench.attack.kinds.Frames.YAMUX_WINDOW;
import static io.github.harp.bench.attack.kinds.Frames.yamux;

import io.github.harp.bench.attack.kinds.AttackKind.Script;
import io.github.harp.bench.peers.place.Place;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What clients of the tunnels' port do, without a login or after one. */
final class TunnelAttacks {
  private static final int STREAMS_AT_ONCE = 20;

  /** What is sent within the answer to a login. */
  private static final long LOGIN_MILLIS = 500;

  static final List<AttackKind> ALL =
      List.of(
          new AttackKind("tunnel-silence", TUNNEL, 1500, line -> {}),
          new AttackKind("tunnel-garbage", TUNNEL, 100, line -> line.flood("\u0000garbage")),
          new AttackKind(
              "tunnel-half-hello", TUNNEL, 1000, line -> line.send("\u0016\u0003\u0001\u0002")),
          new AttackKind(
              "tunnel-websocket", TUNNEL, 500, line -> line.send("GET /~!frp HTTP/1.1\r\n")),
          new AttackKind("tunnel-reset-at-once", TUNNEL, 200, Line::reset),
          tls("tunnel-handshakes", 20, Line::close),
          tls("tunnel-half-logins", 300, TunnelAttacks::halfLogin),
          tls("tunnel-slow-logins", 200, TunnelAttacks::slowLogin),
          tls("tunnel-long-logins", 50, TunnelAttacks::longLogin),
          tls("tunnel-wrong-keys", 50, line -> line.send(Frames.stream(1, Frames.login("wrong")))),
          tls("tunnel-early-streams", 50, line -> line.flood(streams(TunnelAttacks::opened))),
          tls("tunnel-early-pings", 50, line -> line.flood(() -> yamux(YAMUX_PING, 1, 0, 1))),
          inside("tunnel-pings", line -> line.flood(() -> yamux(YAMUX_PING, 1, 0, 1))),
          inside("tunnel-deaf-pings", line -> line.deaf().flood(() -> yamux(YAMUX_PING, 1, 0, 1))),
          inside("tunnel-credit", line -> line.flood(() -> yamux(YAMUX_WINDOW, 0, 1, 1))),
          inside("tunnel-empty-data", line -> line.flood(() -> yamux(YAMUX_DATA, 0, 1, 0))),
          inside("tunnel-reset-streams", line -> line.flood(streams(TunnelAttacks::cut))),
          inside("tunnel-many-streams", line -> line.flood(streams(TunnelAttacks::opened))),
          inside("tunnel-half-messages", line -> line.flood(streams(TunnelAttacks::half))),
          inside("tunnel-work", line -> line.flood(streams(TunnelAttacks::work))),
          inside("tunnel-strange-frames", line -> line.flood(() -> yamux(9, 99, 7, -1))),
          inside("tunnel-noise", line -> line.flood(() -> data(1, Line.bytes("x".repeat(4000))))),
          tls("tunnel-come-and-go", 20, line -> in(line.after(LOGIN_MILLIS, line::reset))));

  private TunnelAttacks() {}

  private static AttackKind tls(String name, int connections, Script script) {
    return new AttackKind(name, TUNNEL_TLS, connections, script);
  }

  /** After a login with the key, which is an ExApp's that went bad or an engine's. */
  private static AttackKind inside(String name, Script script) {
    return tls(name, 10, line -> in(line).after(LOGIN_MILLIS, () -> script.begin(line)));
  }

  private static Line in(Line line) {
    return line.send(Frames.stream(1, Frames.login(Place.SHARED_KEY)));
  }

  private static void halfLogin(Line line) {
    line.send(Frames.stream(1, Frames.login("wrong").slice(0, 20)));
  }

  private static void slowLogin(Line line) {
    var login = Frames.stream(1, Frames.login("wrong"));
    line.every(
        100, () -> line.send(login.isReadable() ? login.readBytes(1) : Unpooled.EMPTY_BUFFER));
  }

  /** A message that says it is longer than any may be. */
  private static void longLogin(Line line) {
    line.send(Frames.stream(1, Unpooled.buffer().writeByte('o').writeLong(1L << 40)));
    line.flood(() -> data(1, Line.bytes(" ".repeat(4000))));
  }

  private static ByteBuf data(int stream, ByteBuf bytes) {
    return Unpooled.wrappedBuffer(yamux(YAMUX_DATA, 0, stream, bytes.readableBytes()), bytes);
  }

  private static ByteBuf opened(int stream) {
    return yamux(YAMUX_WINDOW, Frames.SYN, stream, 0);
  }

  private static ByteBuf cut(int stream) {
    return Unpooled.wrappedBuffer(opened(stream), yamux(YAMUX_WINDOW, Frames.RST, stream, 0));
  }

  private static ByteBuf half(int stream) {
    return Frames.stream(
        stream, Unpooled.buffer().writeByte('w').writeLong(4_000).writeZero(3_900));
  }

  /** Connections for work that nobody asked for. */
  private static ByteBuf work(int stream) {
    return Frames.stream(stream, Frames.frp('w', "{\"run_id\":\"0123456789abcdef\"}"));
  }

  private static Supplier<ByteBuf> streams(IntFunction<ByteBuf> frame) {
    var next = new int[] {3};
    return () -> {
      var all = Unpooled.buffer();
      for (int i = 0; i < STREAMS_AT_ONCE; i++, next[0] += 2) {
        all.writeBytes(frame.apply(next[0]));
      }
      return all;
    };
  }
}
