// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.SharedKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that take too long or too much. */
class NextcloudLimitsTest extends NextcloudQuestions {

  @Test
  void anAnswerThatDoesNotComeEndsTheCall() {
    nextcloud.answers(request -> {});

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")),
        Code.TIMED_OUT,
        "no complete answer");
  }

  @Test
  void anAnswerThatDripsEndsTheCallAndItsConnection() throws Exception {
    var closed = Promise.<Void>promise();
    nextcloud.answers(
        request -> {
          request.connection().closeHandler(closed::tryComplete);
          request.response().setChunked(true).putHeader("content-type", "application/json");
          vertx.setPeriodic(20, timer -> request.response().write(" "));
        });

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")),
        Code.TIMED_OUT,
        "no complete answer");
    get(closed.future());
  }

  @Test
  void anAnswerThatIsTooLargeEndsTheCall() {
    nextcloud.answersJson(200, "{\"x\": \"" + "x".repeat(2000) + "\"}");

    assertFails(
        nextcloud.client(vertx, FEW_CALLS).exApp(new AppId("demo")), Code.FAILED, "2000 bytes");
  }

  @Test
  void anAnswerWithoutEndEndsTheCallAtItsLimitAndItsConnectionSoonAfter() throws Exception {
    var closed = Promise.<Void>promise();
    nextcloud.answers(
        request -> {
          request.connection().closeHandler(closed::tryComplete);
          request.response().setChunked(true).putHeader("content-type", "application/json");
          vertx.setPeriodic(1, timer -> request.response().write("x".repeat(1000)));
        });

    assertFails(
        nextcloud.client(vertx, SHORT_ANSWERS).exApp(new AppId("demo")), Code.FAILED, "2000 bytes");
    get(closed.future());
  }

  @Test
  void moreCallsThanMayWaitAreRefusedAtOnce() {
    nextcloud.answers(request -> {});
    var small = nextcloud.client(vertx, FEW_CALLS);
    var calls = IntStream.range(0, 4).mapToObj(i -> small.exApp(new AppId("demo"))).toList();

    // Which of them comes last, only the event loops know.
    assertFails(Future.all(calls), Code.BUSY, "waiting");
  }

  @Test
  void aHugeHeadIsAFailure() throws Exception {
    var server = garbage("HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000) + "\r\n\r\n");

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, "exapp-meta");
  }

  @ParameterizedTest(name = "S1: an endless {1} is a failure that says {2}, and cut off")
  @CsvSource({
    "'HTTP/1.1 200 OK||', ' ', 1048576 bytes",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||', '1| |', 16384 pieces",
    "'', 'HTTP/1.1 100 Continue||', 16 interim answers",
    "'', 'HTTP/1.1 103 Early Hints||', 16 interim answers",
    "'HTTP/1.1 200 OK|', 'x: y|', not a valid HTTP answer",
    "'HTTP/1.1 200 OK|Transfer-Encoding: chunked||0|', 'x: y|', not a valid HTTP answer",
  })
  void s1_anAnswerWithoutEndIsCutOff(String start, String again, String reason) throws Exception {
    var closed = Promise.<Void>promise();
    var more = wire(again.repeat(1000));
    var server =
        serves(
            socket -> {
              socket.closeHandler(closed::tryComplete);
              socket.write(wire(start));
              pour(socket, more);
            });

    assertFails(clientOf(server.actualPort()).exApp(new AppId("demo")), Code.FAILED, reason);
    get(closed.future());
  }

  @Test
  @Timeout(60)
  @DisplayName("S1: no event loop that serves requests has a part in a question's answer")
  void s1_answersAreReadOnAnEventLoopOfTheirOwn() throws Exception {
    var host = Vertx.vertx();
    var busy = new CompletableFuture<Void>();
    try {
      nextcloud.answersJson(200, META);
      var asking =
          NextcloudClient.with(
              host,
              ScriptedNextcloud.names(vertx),
              nextcloud.address(),
              SharedKey.of("the-key"),
              null);
      ((VertxInternal) host).nettyEventLoopGroup().forEach(loop -> loop.execute(busy::join));

      assertThat(get(asking.exApp(new AppId("demo")))).isPresent();
    } finally {
      busy.complete(null);
      get(host.close());
    }
  }

  @Test
  @DisplayName("S1: all answers under way together keep no more than eight times the largest")
  void s1_answersUnderWayShareALimit() throws Exception {
    var big = "x".repeat(1_000_000);
    nextcloud.answers(request -> request.response().setChunked(true).write(big));
    var calls = IntStream.range(0, 9).mapToObj(i -> client.exApp(new AppId("demo" + i))).toList();

    assertFails(Future.all(calls), Code.FAILED, "8388608 bytes in all answers under way");
  }

  private static void pour(NetSocket socket, Buffer more) {
    socket.write(more).onSuccess(written -> pour(socket, more));
  }

  private static Buffer wire(String text) {
    return Buffer.buffer(text.replace("|", "\r\n"));
  }
}
