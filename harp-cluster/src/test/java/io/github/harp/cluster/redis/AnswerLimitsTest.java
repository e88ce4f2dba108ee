// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerLimitsTest {

  private static final int MAX_BYTES = 1_000;

  private final Buffer passed = Buffer.buffer();
  private final AtomicInteger exceeded = new AtomicInteger();
  private final AnswerLimits limits =
      new AnswerLimits(passed::appendBuffer, MAX_BYTES, exceeded::incrementAndGet);

  private void say(String text) {
    limits.handle(Buffer.buffer(text, ISO_8859_1.name()));
  }

  @Property
  @Label("what servers say passes as it is, in whatever pieces it comes, however much in all")
  void passes(@ForAll @IntRange(min = 1, max = 50) int piece) {
    var here = new AnswerLimitsTest();
    var all =
        ("+OK\r\n-ERR no\r\n:7\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n$5\r\na\r\nbc\r\n"
                + "*2\r\n*1\r\n$1\r\n*\r\n$4\r\n:1\r\n\r\n$900\r\n"
                + "x".repeat(900)
                + "\r\n")
            .repeat(5);
    for (var from = 0; from < all.length(); from += piece) {
      here.say(all.substring(from, Math.min(all.length(), from + piece)));
    }
    assertThat(here.passed.toString(ISO_8859_1)).isEqualTo(all);
    assertThat(here.exceeded).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*2147483647\r\n",
        "*100001\r\n",
        "*1000\r\n*99999\r\n",
        "$999\r\n",
        "$536870912\r\n",
        "$99999999999\r\n",
        "*1x\r\n",
        "*\r\n",
        "%1073741823\r\n",
        ">1\r\n",
        "_\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        "\r\n"
      })
  void nothingOfWhatWouldTakeTheMemoryPasses(String text) {
    say(text);
    say("+OK\r\n");
    assertThat(passed.length()).isZero();
    assertThat(exceeded).hasValue(1);
  }

  @Test
  void whatTheParserCantReadIsTheEnd() {
    var read = new AtomicInteger();
    var unreadable =
        new AnswerLimits(
            chunk -> {
              read.incrementAndGet();
              throw new IllegalStateException("not Redis");
            },
            MAX_BYTES,
            exceeded::incrementAndGet);
    for (var i = 0; i < 3; i++) {
      unreadable.handle(Buffer.buffer("+OK\r\n"));
    }
    assertThat(read).hasValue(1);
    assertThat(exceeded).hasValue(1);
  }

  @Test
  void noLineIsLongerThanAnyThatIsExpected() {
    var large = new AnswerLimits(passed::appendBuffer, 1 << 20, exceeded::incrementAndGet);
    large.handle(Buffer.buffer("+" + "x".repeat(16_000) + "\r\n"));
    assertThat(exceeded).hasValue(0);

    large.handle(Buffer.buffer("+" + "x".repeat(17_000)));

    assertThat(exceeded).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "*1\r\n", "$1\r\nx\r\n", ":1\r\n"})
  void anAnswerEndsSomewhere(String part) {
    say("*5000\r\n");
    for (var i = 0; i < MAX_BYTES; i++) {
      say(part);
    }
    assertThat(passed.length()).isLessThanOrEqualTo(MAX_BYTES);
    assertThat(exceeded).hasValue(1);
  }
}
