// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import static io.github.harp.bench.attack.kinds.Door.FRONT;
import static io.github.harp.bench.attack.kinds.Door.FRONT_HTTPS;
import static io.github.harp.bench.attack.kinds.Door.FRONT_TLS;

import io.github.harp.bench.attack.kinds.AttackKind.Script;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** What clients of HTTP/1 and TLS do. */
final class Http1Attacks {
  static final String SMALL = "/exapps/bench/small";
  static final String LARGE = "/exapps/bench/100m";
  static final String SINK = "/exapps/bench-live/sink";
  static final String ECHO = "/exapps/bench-live/echo";
  static final String EVENTS = "/exapps/bench-live/events";
  static final String ROUTED = "/exapps/bench-routed/small";

  private static final String ORDER = "/exapps/app_api/docker/exapp/create";

  /** The beginning of a ClientHello: a record of 512 bytes is announced. */
  private static final String HALF_HELLO =
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";

  private static final String UPGRADE =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

  private static final String KEY = "x".repeat(32);

  static final List<AttackKind> ALL =
      List.of(
          front("slow-heads", 800, line -> line.send(open(SMALL)).drip(200, "X-A: a\r\n")),
          front("half-heads", 1500, line -> line.send(open(SMALL) + "X-A: " + "a".repeat(4000))),
          front("big-heads", 200, line -> line.again(get(SMALL, fields(6, 5000)))),
          front("many-headers", 100, line -> line.again(get(SMALL, fields(120, 1)))),
          front("too-many-headers", 100, line -> line.send(open(SMALL)).flood(fields(100, 10))),
          front("slow-bodies", 400, line -> line.send(put(SINK, 1_000_000)).drip(100, "x")),
          front("byte-chunks", 100, line -> line.send(chunked(SINK)).flood("1\r\nx\r\n")),
          front("chunk-lengths", 100, line -> line.send(chunked(SINK)).flood("0".repeat(100))),
          front("chunk-extensions", 100, line -> line.send(chunked(SINK) + "1;").flood("a=b;")),
          front(
              "endless-trailers",
              100,
              line -> line.send(chunked(SINK) + "0\r\n").flood("A: b\r\n")),
          front("stalled-uploads", 400, upload(HostileExApp.path("deaf"))),
          front("uploads-to-silence", 200, upload(HostileExApp.path("silent"))),
          front("deaf-readers", 1500, line -> line.deaf().send(get(LARGE))),
          front("slow-readers", 400, line -> line.sip(100).send(get(LARGE))),
          front("pipelining", 50, line -> line.flood(get(SMALL).repeat(20))),
          front("pipelining-deaf", 300, line -> line.deaf().flood(get(SMALL).repeat(20))),
          front("pipelining-slow-app", 300, line -> line.flood(get(HostileExApp.path("silent")))),
          front(
              "ranges",
              100,
              line -> line.again(get(LARGE, "Range: bytes=0-0" + ",9-9".repeat(500)))),
          front("expect-held", 800, line -> line.send(put(SINK, 9, "Expect: 100-continue\r\n"))),
          front("hosts", 100, line -> line.onBytes(came -> host(line)).send(get(SMALL))),
          front("unknown-apps", 200, line -> line.onBytes(came -> stranger(line)).send(get("/x"))),
          front(
              "random-sessions", 200, line -> line.onBytes(came -> session(line)).send(get(SMALL))),
          front(
              "wrong-keys",
              200,
              line -> line.again(get(ORDER, "harp-shared-key: " + KEY + "\r\n"))),
          front("order-bodies", 200, Http1Attacks::order),
          front("garbage", 100, line -> line.flood("\u0000\u00ff\r\n garbage")),
          front("half-closed", 500, Http1Attacks::halfClosed),
          front("half-closed-uploads", 300, line -> line.send(put(SINK, 99) + "x").halfClose()),
          front("reset-at-once", 200, Line::reset),
          front("cut-when-routed", 200, line -> line.after(5, line::reset).send(get(LARGE))),
          front("cut-events", 200, line -> line.after(50, line::reset).send(get(EVENTS))),
          front("websocket-stalls", 500, webSocket(HostileExApp.path("silent"), line -> {})),
          front(
              "websocket-tiny-frames",
              50,
              webSocket(ECHO, line -> line.flood(() -> Frames.webSocket(2, 1)))),
          front("websocket-deaf", 300, line -> flooded(line.deaf())),
          front(
              "websocket-early", 200, line -> line.send(get(ECHO, UPGRADE)).flood("x".repeat(500))),
          front(
              "h2c-upgrades",
              100,
              line -> line.again(get(SMALL, "Connection: Upgrade\r\nUpgrade: h2c\r\n"))),
          front("frp-websocket-silence", 600, line -> line.send(get("/~!frp", UPGRADE))),
          front(
              "frp-websocket-drip",
              300,
              line -> line.send(get("/~!frp", UPGRADE)).drip(100, "\u0082\u0081\0\0\0\0\u0016")),
          new AttackKind("tls-half-hello", FRONT_TLS, 1500, line -> line.send(HALF_HELLO)),
          new AttackKind(
              "tls-slow-hello", FRONT_TLS, 500, line -> line.send(HALF_HELLO).drip(100, "x")),
          new AttackKind("tls-garbage", FRONT_TLS, 100, line -> line.flood(HALF_HELLO.repeat(10))),
          new AttackKind("tls-handshakes", FRONT_HTTPS, 20, Line::close),
          new AttackKind(
              "tls-deaf-readers", FRONT_HTTPS, 300, line -> line.deaf().send(get(LARGE))),
          new AttackKind(
              "tls-half-records",
              FRONT_HTTPS,
              1500,
              line -> line.withholding(12_000).send(get(SMALL, "X-A: " + "a".repeat(15_000)))));

  private Http1Attacks() {}

  static String get(String path, String... headers) {
    return open(path) + String.join("", headers) + "\r\n";
  }

  static Script webSocket(String path, Script then) {
    return line -> {
      line.onBytes(came -> then.begin(line.onBytes(more -> {})));
      line.send(get(path, UPGRADE));
    };
  }

  private static AttackKind front(String name, int connections, Script script) {
    return new AttackKind(name, FRONT, connections, script);
  }

  private static String open(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n";
  }

  private static String put(String path, long length, String... headers) {
    return get(path, String.join("", headers), "Content-Length: " + length + "\r\n")
        .replaceFirst("GET", "PUT");
  }

  private static String chunked(String path) {
    return get(path, "Transfer-Encoding: chunked\r\n").replaceFirst("GET", "PUT");
  }

  private static String fields(int count, int bytes) {
    return ("X-A: " + "a".repeat(bytes) + "\r\n").repeat(count);
  }

  private static Script upload(String path) {
    return line -> line.send(put(path, 1L << 40)).flood("x".repeat(8192));
  }

  private static void host(Line line) {
    line.send(get(SMALL).replace("Host: x", "Host: h" + random()));
  }

  private static void stranger(Line line) {
    line.send(get("/exapps/app" + random() + "/x"));
  }

  private static void session(Line line) {
    line.send(get(ROUTED, "Cookie: oc_sessionPassphrase=a; oc123=" + random() + "\r\n"));
  }

  private static void order(Line line) {
    line.send(put(ORDER, 1_000_000).replaceFirst("PUT", "POST")).flood(" ".repeat(1000));
  }

  private static void halfClosed(Line line) {
    line.send(get(HostileExApp.path("silent"))).halfClose();
  }

  private static void flooded(Line line) {
    line.send(get(ECHO, UPGRADE));
    line.after(200, () -> line.flood(() -> Frames.webSocket(2, 4000)));
  }

  private static String random() {
    return Long.toHexString(ThreadLocalRandom.current().nextLong());
  }
}
