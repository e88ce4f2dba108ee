// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.Wait.resultOf;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the server should be somebody else is, who says what no server says. */
class FalseServerTest {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicBoolean freeing = new AtomicBoolean();
  private final AtomicInteger opened = new AtomicInteger();
  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private volatile Buffer answer = Buffer.buffer();

  /** To the first question of each connection, if not the same. */
  private volatile Optional<Buffer> greeting = Optional.empty();

  private NetServer server;

  @BeforeEach
  void listen() {
    server =
        vertx
            .createNetServer()
            .connectHandler(
                socket -> {
                  opened.incrementAndGet();
                  open.add(socket);
                  socket.closeHandler(closed -> open.remove(socket));
                  socket.handler(question -> answer(socket, question.toString()));
                });
    resultOf(server.listen(0, "127.0.0.1"));
  }

  private void answer(NetSocket socket, String question) {
    asked.incrementAndGet();
    freeing.compareAndSet(false, question.contains("redis.call('del'"));
    socket.write(greeting.filter(it -> question.contains("hello")).orElse(answer));
  }

  @AfterEach
  void close() {
    resultOf(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*2147483647\r\n",
        "*100001\r\n",
        "%1073741823\r\n",
        "~2147483647\r\n",
        "$536870912\r\n",
        "$99999999999999999999\r\n",
        ":2\r\n",
        "$-1\r\n",
        "*0\r\n",
        "+OK\r\n",
        "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n",
        "*2\r\n$19\r\n9223372036854775807\r\n$1\r\n0\r\n",
        "-ERR no\r\n",
        "-MOVED 1 127.0.0.1:1\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "\r\n\r\n\r\n",
        "\0\0\0\0\0\0",
        "$5\r\nhel"
      })
  void aNodeServesOnAndSaysSo(String text) {
    servesOn(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*2147483647\r\n", "$536870912\r\n"})
  void whoAnnouncesMoreThanFitsIsNotWaitedFor(String text) {
    answer = Buffer.buffer(text);
    try (var node = at()) {
      await()
          .until(
              () ->
                  node.status().troubles().stream().anyMatch(it -> it.contains("is larger than")));
    }
  }

  @Test
  void answersWithinAnswersWithoutEndAreGivenUp() {
    servesOn("*1\r\n".repeat(100_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"*2147483647\r\n", "$-1\r\n", "*1\r\n:1\r\n"})
  void ordersAreRefusedWithTheReason(String text) {
    answer = Buffer.buffer(text);
    try (var node = at()) {
      assertThatThrownBy(() -> node.cluster().first().locks().lock("app", () -> {}))
          .isInstanceOfSatisfying(
              HarpException.class, it -> assertThat(it.code()).isEqualTo(Code.UNAVAILABLE))
          .hasMessageContaining("does not answer");
    }
  }

  @Test
  void whatARefusedOrderMayHaveTakenAllTheSameIsGivenBack() {
    answer = Buffer.buffer("+OK\r\n");
    try (var node = at()) {
      assertThatThrownBy(() -> node.cluster().first().locks().lock("app", () -> {}))
          .isInstanceOf(HarpException.class);
      await().untilTrue(freeing);
    }
  }

  @Test
  void aConnectionThatIsGivenUpIsClosed() {
    greeting = Optional.of(Buffer.buffer("+OK\r\n"));
    answer = Buffer.buffer("-ERR no\r\n");
    try (var node = at()) {
      await().until(() -> opened.get() > 20);
      // Each kind of question has one of its own.
      await().until(() -> open.size() < 10);
      assertThat(node.status().joined()).isFalse();
    }
  }

  private TestNode at() {
    return TestNode.at("redis://127.0.0.1:" + server.actualPort());
  }

  private void servesOn(String text) {
    answer = Buffer.buffer(text, ISO_8859_1.name());
    try (var node = at()) {
      await().until(() -> asked.get() > 0 && !node.status().troubles().isEmpty());
      var stranger = address("192.0.2.1");
      for (var i = 0; i < 3; i++) {
        node.users().record(stranger, "GUESS");
      }
      assertThat(node.users().isBanned(stranger)).isTrue();
    }
  }
}
