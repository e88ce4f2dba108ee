// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.key.SharedKey;
import io.github.harp.proxy.question.QuestionLimits;
import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A client and the Nextcloud that it asks. */
abstract class NextcloudQuestions {

  static final int ANSWER_BYTES = 2000;
  static final QuestionLimits SHORT_ANSWERS =
      new QuestionLimits(
          Duration.ofMinutes(1), Duration.ofMillis(500), 2, 1, ANSWER_BYTES, LongAnswers.FAIL);
  static final QuestionLimits FEW_CALLS =
      new QuestionLimits(
          Duration.ofMinutes(1), Duration.ofMinutes(1), 2, 1, ANSWER_BYTES, LongAnswers.FAIL);
  static final String META =
      """
      {"exapp_token": "s3cret", "exapp_version": "2.1.0", "host": "127.0.0.1", "port": 23004,
       "routes": [
         {"url": "^/public/.*", "access_level": 0, "bruteforce_protection": [401, "403"]},
         {"url": "^/api/.*", "access_level": "1"}],
       "verb": "a future member", "enabled": true}
      """;

  Vertx vertx;
  ScriptedNextcloud nextcloud;
  NextcloudClient client;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    nextcloud = new ScriptedNextcloud(vertx);
    client = nextcloud.client(vertx);
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  NetServer garbage(String bytes) throws Exception {
    return serves(
        socket -> {
          socket.write(Buffer.buffer(bytes.getBytes(StandardCharsets.ISO_8859_1)));
          socket.end();
        });
  }

  NetServer serves(Handler<NetSocket> answer) throws Exception {
    return get(
        vertx
            .createNetServer()
            .connectHandler(socket -> socket.handler(request -> answer.handle(socket)))
            .listen(0, "127.0.0.1"));
  }

  NextcloudClient clientOf(int port) {
    return NextcloudClient.with(
        vertx,
        ScriptedNextcloud.names(vertx),
        NextcloudAddress.parse("http://127.0.0.1:" + port),
        SharedKey.of("the-key"),
        null);
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.await(30, TimeUnit.SECONDS);
  }

  static void assertFails(Future<?> future, Code code, String message) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(
            HarpException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(code);
              assertThat(failure).hasMessageContaining(message);
            });
  }
}
