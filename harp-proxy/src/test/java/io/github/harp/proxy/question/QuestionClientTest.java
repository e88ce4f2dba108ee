// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QuestionClientTest {

  private static final Question QUESTION =
      new Question(HttpMethod.GET, false, "cloud", 9, "/", MultiMap.caseInsensitiveMultiMap());

  private final Promise<List<InetAddress>> resolved = Promise.promise();
  private Vertx vertx;
  private QuestionClient client;

  @BeforeEach
  void start() {
    vertx = Vertx.vertx();
    var names =
        new HostNames() {
          @Override
          public Future<List<InetAddress>> resolve(String host) {
            return resolved.future();
          }

          @Override
          public void forget(String host) {}
        };
    var limits =
        new QuestionLimits(
            Duration.ofMinutes(5), Duration.ofMinutes(5), 2, 1, 2_000, LongAnswers.FAIL);
    client = new QuestionClient(vertx, names, limits, null);
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void aQuestionThatComesWhileItClosesFailsAtOnce() throws Exception {
    var answer = client.ask(QUESTION);

    client.close().await(30, TimeUnit.SECONDS);
    resolved.complete(List.of(InetAddress.getLoopbackAddress()));

    assertThatThrownBy(() -> answer.await(30, TimeUnit.SECONDS))
        .hasMessage("nothing is asked here any more");
  }
}
