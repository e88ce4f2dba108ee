// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static io.github.harp.proxy.wire.Http2Frames.DATA;
import static io.github.harp.proxy.wire.Http2Frames.END_HEADERS;
import static io.github.harp.proxy.wire.Http2Frames.END_STREAM;
import static io.github.harp.proxy.wire.Http2Frames.GOAWAY;
import static io.github.harp.proxy.wire.Http2Frames.HEADERS;
import static io.github.harp.proxy.wire.Http2Frames.RST_STREAM;
import static io.github.harp.proxy.wire.Http2Frames.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.wire.Http2Frames.Frame;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** S1: requests that share an HTTP/2 connection, behind a proxy that speaks it, say. */
class RefusedStreamsTest {

  private static final int OTHERS = 1;
  private static final int PROTOCOL_ERROR = 1;
  private static final int REFUSED_STREAM = 7;
  private static final int ENHANCE_YOUR_CALM = 11;
  private static final int STREAMS = 100;
  private static final byte[] PART = new byte[16 * 1024];

  private final CountDownLatch answer = new CountDownLatch(1);

  @AfterEach
  void answer() {
    answer.countDown();
  }

  private ScriptedServer answeringWhenTold() throws Exception {
    return new ScriptedServer(
        connection -> {
          connection.readHead();
          answer.await();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          connection.readToEnd();
        });
  }

  private static Http2Frames withOthersRequest(RawConnection client) throws Exception {
    var head = Http2Frames.head("GET", "/exapps/app/x");
    return new Http2Frames(client).send(HEADERS, END_STREAM | END_HEADERS, OTHERS, head);
  }

  /** Lets the others be answered once so many streams have been reset, and hardly one twice. */
  private void assertOthersAreAnswered(Http2Frames frames, int error, int resets) throws Exception {
    var reset = new HashSet<Integer>();
    int again = 0;
    while (true) {
      var frame = frames.next();
      assertThat(frame.type()).as("%s", frame).isNotEqualTo(GOAWAY);
      if (frame.type() == RST_STREAM && reset.contains(frame.stream())) {
        again++;
      } else if (frame.type() == RST_STREAM) {
        assertThat(errorOf(frame, 0)).isEqualTo(error);
        reset.add(frame.stream());
      }
      if (reset.size() == resets) {
        answer.countDown();
      }
      if (frame.stream() == OTHERS && (frame.flags() & END_STREAM) != 0) {
        assertThat(again).isLessThan(resets);
        return;
      }
    }
  }

  private static int errorOf(Frame frame, int index) {
    return ByteBuffer.wrap(frame.payload()).getInt(index);
  }

  /** What is on its way when a stream is reset, or comes from one that has not heard of it. */
  private static void sendLate(Http2Frames frames, int stream) throws Exception {
    frames
        .send(DATA, 0, stream, "hello".getBytes())
        .send(WINDOW_UPDATE, 0, stream, new byte[] {0, 0, 1, 0})
        .send(HEADERS, END_HEADERS, stream, Http2Frames.head("GET", "/exapps/app/x"))
        .send(DATA, END_STREAM, stream, new byte[0])
        .send(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  @ParameterizedTest
  @CsvSource({"x,a\u007f", "X,a", "te,gzip", "connection,close", ":more,a"})
  @DisplayName("S1: a malformed request ends itself, whatever comes behind it")
  void malformed(String name, String value) throws Exception {
    try (var exApp = answeringWhenTold();
        var proxy = TestProxy.start().with(exApp);
        var client = proxy.connect()) {
      var frames = withOthersRequest(client);
      var malformed = Http2Frames.head("POST", "/exapps/app/x", name, value);
      frames.send(HEADERS, END_HEADERS, 3, malformed);
      sendLate(frames, 3);

      assertOthersAreAnswered(frames, PROTOCOL_ERROR, 1);
    }
  }

  @Test
  @DisplayName("S1: so does one too many")
  void tooMany() throws Exception {
    try (var exApp = answeringWhenTold();
        var proxy = TestProxy.start().with(exApp);
        var client = proxy.connect()) {
      var frames = withOthersRequest(client);
      var head = Http2Frames.head("POST", "/exapps/app/x");
      for (int i = 1; i < STREAMS; i++) {
        frames.send(HEADERS, END_HEADERS, 1 + 2 * i, head);
      }
      int oneTooMany = 1 + 2 * STREAMS;
      frames.send(HEADERS, END_HEADERS, oneTooMany, head);
      sendLate(frames, oneTooMany);

      assertOthersAreAnswered(frames, REFUSED_STREAM, 1);
    }
  }

  @Test
  @DisplayName("S1: bodies of refused requests take nothing of the connection's window")
  void window() throws Exception {
    try (var exApp = answeringWhenTold();
        var proxy = TestProxy.start().with(exApp);
        var client = proxy.connect()) {
      var frames = withOthersRequest(client);
      var malformed = Http2Frames.head("POST", "/exapps/app/x", "te", "gzip");
      int requests = 20;
      for (int i = 1; i <= requests; i++) {
        frames.send(HEADERS, END_HEADERS, 1 + 2 * i, malformed);
        for (int part = 0; part < 4; part++) {
          frames.send(DATA, 0, 1 + 2 * i, PART);
        }
      }
      assertOthersAreAnswered(frames, PROTOCOL_ERROR, requests);
    }
  }

  @Test
  @DisplayName("S1: a proxy's users may send many of them")
  void manyThroughProxy() throws Exception {
    int many = 1_000;
    try (var exApp = answeringWhenTold();
        var proxy = TestProxy.startBehindProxy().with(exApp);
        var client = proxy.connect()) {
      var frames = withOthersRequest(client);
      sendMany(frames, many);
      assertOthersAreAnswered(frames, PROTOCOL_ERROR, many);
    }
  }

  private static void sendMany(Http2Frames frames, int many) throws Exception {
    var malformed = Http2Frames.head("POST", "/exapps/app/x", "te", "gzip");
    for (int i = 1; i <= many; i++) {
      frames.send(HEADERS, END_HEADERS, 1 + 2 * i, malformed);
      frames.send(DATA, 0, 1 + 2 * i, "hello".getBytes());
    }
  }

  @Test
  @DisplayName("S1: a client may not, and is told so")
  void manyOfOne() throws Exception {
    try (var proxy = TestProxy.start();
        var client = proxy.connect()) {
      var frames = new Http2Frames(client);
      sendMany(frames, 201);
      assertThat(errorOfConnection(frames)).isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  @Test
  @DisplayName("S1: what comes behind one refused request has an end")
  void withoutEnd() throws Exception {
    try (var proxy = TestProxy.start();
        var client = proxy.connect()) {
      var frames = new Http2Frames(client);
      var malformed = Http2Frames.head("POST", "/exapps/app/x", "te", "gzip");
      frames.send(HEADERS, END_HEADERS, 1, malformed);
      for (int i = 0; i < 3_300; i++) {
        frames.send(DATA, 0, 1, new byte[] {1});
      }
      assertThat(errorOfConnection(frames)).isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  @Test
  @DisplayName("S1: a stream that nobody can have opened is an error still")
  void streamOfServer() throws Exception {
    try (var proxy = TestProxy.start();
        var client = proxy.connect()) {
      var frames = new Http2Frames(client);
      var malformed = Http2Frames.head("POST", "/exapps/app/x", "te", "gzip");
      frames.send(HEADERS, END_HEADERS, 3, malformed).send(DATA, 0, 2, new byte[1]);
      assertThat(errorOfConnection(frames)).isEqualTo(PROTOCOL_ERROR);
    }
  }

  private static int errorOfConnection(Http2Frames frames) throws Exception {
    var frame = frames.next();
    while (frame.type() != GOAWAY) {
      frame = frames.next();
    }
    return errorOf(frame, Integer.BYTES);
  }
}
