// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.TIMED_OUT;
import static io.github.harp.core.HarpException.Code.UNAVAILABLE;
import static io.github.harp.core.HarpException.Code.UNREACHABLE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks.Held;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.docker.testing.EventLoops;
import io.github.harp.docker.testing.FakeEngine;
import io.github.harp.docker.testing.FakeEngine.Reply;
import io.github.harp.docker.testing.SocketUpstream;
import io.vertx.core.Promise;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class EngineTransportTest {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  private static final long LIMIT_BYTES = 1024 * 1024;

  private FakeEngine fake;
  private SocketUpstream upstream;
  private EngineTransport transport;

  private void engine(FakeEngine.Script script) throws IOException {
    fake = new FakeEngine(script);
    upstream = fake.upstream();
    transport = transport(upstream);
  }

  private void engineThatAnswers(Reply reply) throws IOException {
    engine(request -> reply);
  }

  private EngineTransport transport(Upstream to) {
    return transport(to, Held.UNCONTESTED);
  }

  private EngineTransport transport(Upstream to, Held held) {
    return new EngineTransport(
        new EngineAddress("engine 24000", to, LOOPS.group(), Tracing.NONE, LIMIT_BYTES), held);
  }

  @AfterEach
  void leavesNoConnection() {
    transport.close();
    if (fake != null) {
      fake.close();
      await().until(() -> upstream.openConnections() == 0);
    }
  }

  @Test
  void givesTheAnswerWithStatusHeadersAndBody() throws Exception {
    engineThatAnswers(Reply.json(404, "{\"message\":\"no\"}"));

    try (var response = transport.execute(get("/containers/a/json?x=1"), soon())) {
      assertThat(response.getStatusCode()).isEqualTo(404);
      assertThat(response.getHeader("content-type")).isEqualTo("application/json");
      assertThat(response.getBody()).hasContent("{\"message\":\"no\"}");
    }
    assertThat(fake.requests().get(0).target()).isEqualTo("/containers/a/json?x=1");
    assertThat(fake.requests().get(0).headers()).containsEntry("host", "localhost");
  }

  @Test
  void nothingMoreIsSentOnceTheLockMayBeAnothers() throws Exception {
    engineThatAnswers(Reply.json(200, "{}"));
    var asked = new AtomicLong();
    transport =
        transport(
            upstream,
            new Held() {
              @Override
              public void requireHeld() {
                if (asked.incrementAndGet() > 1) {
                  throw new IllegalStateException("another node may be at it");
                }
              }

              @Override
              public void close() {}
            });

    transport.execute(get("/first"), soon()).close();
    assertThatThrownBy(() -> transport.execute(get("/second"), soon()))
        .hasMessageContaining("another node may be at it");
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  void readsAnAnswerThatEndsWithTheConnection() throws Exception {
    engineThatAnswers(Reply.raw("HTTP/1.1 200 OK\r\n\r\nuntil the end"));

    assertThat(body("/x")).isEqualTo("until the end");
  }

  @Test
  void anAnswerCountsThoughTheEngineNeverReadTheRequest() throws Exception {
    engine(
        new FakeEngine.Script() {
          @Override
          public Reply on(FakeEngine.Request request) {
            return Reply.raw("HTTP/1.1 200 OK\r\n\r\nbefore it was asked");
          }

          @Override
          public boolean wantsBody(FakeEngine.Request head) {
            return false;
          }
        });

    for (var round = 0; round < 20; round++) {
      assertThat(body("/x")).isEqualTo("before it was asked");
    }
  }

  /** What it has answered is still there to be read when a write finds the connection closed. */
  @Test
  void anAnswerCountsThoughTheEngineHasClosedBeforeAnythingWasSent(@TempDir Path folder)
      throws Exception {
    var socket = UnixDomainSocketAddress.of(folder.resolve("engine.sock"));
    var answer = ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\nand gone".getBytes(US_ASCII));
    try (var engine = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      engine.bind(socket);
      var direct = SocketUpstream.unix(socket.getPath());
      transport =
          transport(
              loop ->
                  direct
                      .connect(loop)
                      .map(
                          channel -> {
                            try (var connection = engine.accept()) {
                              connection.write(answer.duplicate());
                            } catch (IOException e) {
                              throw new UncheckedIOException(e);
                            }
                            return channel;
                          }));

      for (var round = 0; round < 20; round++) {
        assertThat(body("/x")).isEqualTo("and gone");
      }
    }
  }

  @Test
  void skipsInformationalAnswers() throws Exception {
    engineThatAnswers(
        Reply.raw(
            "HTTP/1.1 103 Early Hints\r\n"
                + "Link: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\n"
                + "Content-Length: 2\r\n\r\n"
                + "ok"));

    assertThat(body("/x")).isEqualTo("ok");
  }

  @Test
  void doesNotSkipThemForEver() throws Exception {
    engineThatAnswers(
        out -> {
          while (true) {
            Reply.raw("HTTP/1.1 102 Processing\r\n\r\n").to(out);
          }
        });

    assertFails(FAILED, () -> body("/x")).withMessageContaining("more than 64 answers of 1xx");
  }

  /** The connection stays open behind it: who waited on would do so until the deadline. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp",
        "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket",
        "101 Switching Protocols",
        "99 Too Low",
        "600 Too High\r\nContent-Length: 0",
        "999 Unheard Of\r\nContent-Length: 0"
      })
  void failsAtOnceForAStatusThatAnswersNothing(String answer) throws Exception {
    engineThatAnswers(
        out -> {
          Reply.raw("HTTP/1.1 " + answer + "\r\n\r\n").to(out);
          out.flush();
          Reply.silence().to(out);
        });

    assertFails(FAILED, () -> body("/x"))
        .withMessageContaining("answered with")
        .withMessageContaining(answer.substring(0, answer.indexOf(' ')));
  }

  @Test
  void sendsABodyOfKnownLengthInOnePiece() throws Exception {
    engineThatAnswers(Reply.status(204));
    var bytes = random(3_000_000);

    var request = Request.builder().method(Method.PUT).path("/x").bodyBytes(bytes).build();
    transport.execute(request, soon()).close();

    assertThat(fake.requests().get(0).body()).isEqualTo(bytes);
    assertThat(fake.requests().get(0).headers()).containsEntry("content-length", "3000000");
  }

  @Test
  void streamsABodyOfUnknownLength() throws Exception {
    engineThatAnswers(Reply.status(204));
    var bytes = random(3_000_000);

    transport.execute(put(new ByteArrayInputStream(bytes)), soon()).close();

    assertThat(fake.requests().get(0).body()).isEqualTo(bytes);
  }

  @Test
  void stopsSendingWhenTheEngineHasAnsweredAlready() throws Exception {
    engine(
        new FakeEngine.Script() {
          @Override
          public Reply on(FakeEngine.Request request) {
            return out -> {
              Reply.no(404, "no such container").to(out);
              new CountDownLatch(1).await();
            };
          }

          @Override
          public boolean wantsBody(FakeEngine.Request head) {
            return false;
          }
        });

    try (var response = transport.execute(put(new Endless()), soon())) {
      assertThat(response.getStatusCode()).isEqualTo(404);
    }
  }

  @Test
  void readsNoFasterThanTheBodyIsTaken() throws Exception {
    var sent = new AtomicLong();
    engineThatAnswers(
        out -> {
          Reply.raw("HTTP/1.1 200 OK\r\n\r\n").to(out);
          for (var piece = new byte[64 * 1024]; ; sent.addAndGet(piece.length)) {
            out.write(piece);
          }
        });

    try (var response = transport.execute(get("/x"), soon())) {
      assertThat(response.getBody().read()).isZero();
      await()
          .during(Duration.ofMillis(300))
          .atMost(Duration.ofSeconds(30))
          .until(sent::get, bytes -> bytes < 20_000_000);
    }
  }

  @Test
  void refusesAnAnswerWithoutEnd() throws Exception {
    engineThatAnswers(
        out -> {
          Reply.raw("HTTP/1.1 200 OK\r\n\r\n").to(out);
          for (var piece = new byte[64 * 1024]; ; ) {
            out.write(piece);
          }
        });

    assertFails(FAILED, () -> body("/x")).withMessageContaining("more than 1048576 bytes");
  }

  @Test
  void garbageIsNotTakenForAnAnswer() throws Exception {
    engineThatAnswers(out -> out.write(random(2000)));

    assertFails(FAILED, () -> body("/x")).withMessageContaining("engine 24000, GET /x");
  }

  @Test
  void anAnswerCutInTheMiddleIsAnError() throws Exception {
    engineThatAnswers(Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"));

    assertFails(FAILED, () -> body("/x")).withMessageContaining("before the end of the answer");
  }

  @Test
  void aChunkedAnswerCutInTheMiddleIsAnError() throws Exception {
    engineThatAnswers(
        Reply.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"));

    assertFails(FAILED, () -> body("/x")).withMessageContaining("before the end of the answer");
  }

  @Test
  void closingWithoutAnAnswerIsAnError() throws Exception {
    engineThatAnswers(out -> {});

    assertFails(FAILED, () -> body("/x")).withMessageContaining("before the answer");
  }

  @Test
  void silenceEndsAtTheDeadline() throws Exception {
    engineThatAnswers(Reply.silence());
    var deadline = Deadline.in(Duration.ofMillis(200), Ticker.systemTicker());

    assertFails(TIMED_OUT, () -> transport.execute(get("/x"), deadline))
        .withMessageContaining("no answer within 200 ms");
  }

  @Test
  void silenceInTheMiddleOfABodyEndsAtTheDeadline() throws Exception {
    engineThatAnswers(
        out -> {
          Reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this").to(out);
          new CountDownLatch(1).await();
        });
    var deadline = Deadline.in(Duration.ofMillis(300), Ticker.systemTicker());

    assertFails(TIMED_OUT, () -> transport.execute(get("/x"), deadline).getBody().readAllBytes())
        .withMessageContaining("no end of the answer");
  }

  @Test
  void aConnectionThatNeverComesEndsAtTheDeadlineAndIsClosedWhenItDoes() throws Exception {
    engineThatAnswers(Reply.status(200));
    var late = Promise.<io.netty.channel.Channel>promise();
    transport = transport(loop -> late.future());

    assertFails(
        TIMED_OUT,
        () ->
            transport.execute(
                get("/x"), Deadline.in(Duration.ofMillis(100), Ticker.systemTicker())));

    upstream.connect(LOOPS.group().next()).onComplete(late);
    await().until(() -> late.future().isComplete() && upstream.openConnections() == 0);
  }

  @Test
  void nobodyListening() throws Exception {
    int port;
    try (var unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    transport =
        transport(
            new SocketUpstream(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));

    assertFails(UNREACHABLE, () -> body("/x"))
        .withMessageStartingWith("engine 24000, GET /x: can't connect to tcp:/");
  }

  @Test
  void closingUnblocksWhoeverWaits() throws Exception {
    engineThatAnswers(Reply.silence());
    var waiting = CompletableFuture.supplyAsync(() -> transport.execute(get("/x"), soon()));
    await().until(() -> fake.requests().size() == 1);

    transport.close();

    assertThat(waiting)
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableThat()
        .withCauseInstanceOf(HarpException.class)
        .satisfies(e -> assertThat(((HarpException) e.getCause()).code()).isEqualTo(UNAVAILABLE));
    assertFails(UNAVAILABLE, () -> body("/x"));
  }

  @Test
  void anInterruptUnblocks() throws Exception {
    engineThatAnswers(Reply.silence());
    var outcome = new CompletableFuture<Throwable>();
    var worker =
        new Thread(
            () -> {
              try {
                transport.execute(get("/x"), soon());
              } catch (RuntimeException e) {
                outcome.complete(e);
              }
            });
    worker.start();
    await().until(() -> fake.requests().size() == 1);

    worker.interrupt();

    assertThat(outcome).succeedsWithin(Duration.ofSeconds(30));
    worker.join();
  }

  @Test
  void aTargetCannotSmuggleASecondRequest() throws Exception {
    engineThatAnswers(Reply.status(200));

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> body("/x HTTP/1.1\r\nHost: y\r\n\r\nDELETE /z"));
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofMinutes(1), Ticker.systemTicker());
  }

  private static Request get(String path) {
    return Request.builder().method(Method.GET).path(path).build();
  }

  private static Request put(InputStream body) {
    return Request.builder().method(Method.PUT).path("/x").body(body).build();
  }

  private String body(String path) throws IOException {
    try (var response = transport.execute(get(path), soon())) {
      return new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<HarpException> assertFails(
      HarpException.Code code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatExceptionOfType(HarpException.class)
        .isThrownBy(call)
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  private static byte[] random(int length) {
    var bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  /** More than any buffer holds. */
  private static final class Endless extends InputStream {
    @Override
    public int read() {
      return 'x';
    }
  }
}
