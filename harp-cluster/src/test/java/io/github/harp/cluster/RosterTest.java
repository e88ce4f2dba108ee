// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.notice.ClusterNode;
import io.github.harp.core.notice.ClusterNode.State;
import io.github.harp.core.notice.Finding;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is there, and what is odd about it. */
class RosterTest {

  private static RealRedis redis;
  private static TestNode one;

  @BeforeAll
  static void startOne(@TempDir Path folder) {
    redis = RealRedis.in(folder);
    one = TestNode.called("one", redis.url()).joined();
  }

  @AfterAll
  static void stopAll() {
    one.close();
    redis.close();
  }

  private static Optional<ClusterNode> seen(TestNode by, String name) {
    return by.status().nodes().stream().filter(it -> it.name().equals(name)).findAny();
  }

  private static void awaitState(TestNode by, String name, State state) {
    await().until(() -> seen(by, name).filter(it -> it.state() == state).isPresent());
  }

  private static String said(String name) {
    return redis.cli("HGET", "harp:nodes", name);
  }

  @Test
  void nodesSeeEachOtherUntilOneStops() {
    try (var two = TestNode.called("two", redis.url())) {
      awaitState(one, "two", State.PRESENT);
      awaitState(two, "one", State.PRESENT);
      awaitState(two, "two", State.THIS);
      assertThat(seen(one, "two").orElseThrow().version()).isEqualTo("1.2.3");
      assertThat(seen(one, "two").orElseThrow().key())
          .isEqualTo(seen(two, "two").orElseThrow().key())
          .hasSize(8);
    }
    await().until(() -> seen(one, "two").isEmpty());
  }

  @Test
  void oneThatSpeaksIsThereAtEachLook() {
    try (var two = TestNode.called("two", redis.url())) {
      await().until(() -> one.cluster().addressOf("two").isPresent());
      var words = new HashSet<String>();
      await()
          .until(
              () -> {
                assertThat(one.cluster().addressOf("two")).contains(TestNode.ADDRESS);
                words.add(said("two"));
                // More than anybody may miss.
                return words.size() > 7;
              });
    }
  }

  @Test
  void oneThatIsCutOffIsSilentAndNothingThatItSaidBeforeRevivesIt() {
    try (var line = new CutLine(redis.port());
        var far = TestNode.called("far", line.url())) {
      awaitState(one, "far", State.PRESENT);
      var before = said("far");
      await().until(() -> !said("far").equals(before));
      line.cut();
      awaitState(one, "far", State.SILENT);
      assertThat(one.cluster().findings())
          .extracting(Finding::seen)
          .anySatisfy(it -> assertThat(it).startsWith("node far: nothing heard"));

      var silent = seen(one, "far").orElseThrow().silent();
      var last = said("far");
      var lastChanged = last.replace("\"version\":\"1.2.3\"", "\"version\":\"1.2.4\"");
      assertThat(lastChanged).isNotEqualTo(last);
      var later = silent;
      for (var text : List.of(before, lastChanged, "{]")) {
        redis.cli("HSET", "harp:nodes", "far", text);
        later = later.plusSeconds(3);
        awaitSilentFor(later);
      }

      line.mend();
      awaitState(one, "far", State.PRESENT);
    }
  }

  @Test
  void oneThatWasSilentForTenMinutesIsTakenOutByWhoeverNotices() {
    var later = new AtomicLong();
    try (var line = new CutLine(redis.port());
        var gone = TestNode.called("gone", line.url());
        var noticing = TestNode.withTime(() -> System.nanoTime() + later.get(), redis.url())) {
      awaitState(one, "gone", State.PRESENT);
      awaitState(noticing, "gone", State.PRESENT);
      line.cut();
      // What it said last has been heard.
      awaitState(noticing, "gone", State.SILENT);
      later.set(Duration.ofMinutes(9).toNanos());
      await().until(() -> seen(noticing, "gone").orElseThrow().silent().toMinutes() == 9);
      assertThat(said("gone")).isNotEmpty();

      later.set(Duration.ofMinutes(11).toNanos());
      await().until(() -> said("gone").isEmpty());
      await().until(() -> seen(one, "gone").isEmpty());
    }
  }

  private static void awaitSilentFor(Duration time) {
    await()
        .until(
            () -> {
              var now = seen(one, "far").orElseThrow();
              assertThat(now.state()).isEqualTo(State.SILENT);
              return now.silent().compareTo(time) >= 0;
            });
  }

  @Test
  void oneThatStartsAgainDoesNotTakeItselfForAnother() {
    String before;
    try (var former = TestNode.called("again", redis.url())) {
      awaitState(one, "again", State.PRESENT);
      before = said("again");
    }
    redis.cli("HSET", "harp:nodes", "again", before);

    try (var again = TestNode.called("again", redis.url())) {
      await()
          .until(
              () -> {
                var state = seen(again, "again").map(ClusterNode::state);
                assertThat(state).isNotEqualTo(Optional.of(State.SAME_NAME));
                return state.equals(Optional.of(State.THIS));
              });
    }
  }

  @Test
  void oneWithAnotherKeyIsNamedAsSuch() {
    try (var other = TestNode.withKey("the key of somebody else", redis.url())) {
      await()
          .until(() -> one.status().nodes().stream().anyMatch(it -> it.state() == State.OTHER_KEY));
      assertThat(one.cluster().findings())
          .extracting(Finding::seen)
          .anySatisfy(it -> assertThat(it).contains("has another shared key"));
      await()
          .until(
              () ->
                  other.status().nodes().stream()
                      .anyMatch(it -> it.name().equals("one") && it.state() == State.OTHER_KEY));

      var silent = new AtomicReference<>(Duration.ZERO);
      await()
          .until(
              () -> {
                var now = seen(other, "one").orElseThrow().silent();
                return now.compareTo(silent.getAndSet(now)) < 0;
              });
    }
  }

  @Test
  void oneOfAnotherVersionIsTold() {
    try (var other = TestNode.ofVersion("1.2.2", redis.url())) {
      await()
          .untilAsserted(
              () ->
                  assertThat(one.cluster().findings())
                      .extracting(Finding::seen)
                      .anySatisfy(it -> assertThat(it).endsWith("version 1.2.2, this one 1.2.3")));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-90, 90})
  void oneWhoseClockIsWrongIsTold(int aheadSeconds) {
    var clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(aheadSeconds));
    try (var wrong = TestNode.withClock(clock, redis.url())) {
      for (var node : List.of(one, wrong)) {
        await()
            .untilAsserted(
                () ->
                    assertThat(node.cluster().findings())
                        .extracting(Finding::seen)
                        .anySatisfy(it -> assertThat(it).contains("clock")));
      }
    }
  }

  @Test
  void twoOfTheSameNameAreTold() {
    try (var twin = TestNode.called("one", redis.url())) {
      awaitState(one, "one", State.SAME_NAME);
      awaitState(twin, "one", State.SAME_NAME);
      await()
          .untilAsserted(
              () ->
                  assertThat(one.cluster().findings())
                      .extracting(Finding::seen)
                      .contains("node one: another one has this name, too"));
    }
    awaitState(one, "one", State.THIS);
  }

  @Test
  void whatSomebodyElseWritesIsNoNodeOfOurs() {
    redis.cli("HSET", "harp:nodes", "copy", said("one"));
    redis.cli("HSET", "harp:nodes", "junk", "{]");
    redis.cli("HSET", "harp:nodes", "text", "{\"sealed\":7,\"key\":[]}");

    awaitState(one, "copy", State.OTHER_KEY);
    awaitState(one, "junk", State.OTHER_KEY);
    awaitState(one, "text", State.OTHER_KEY);

    await().until(() -> seen(one, "junk").orElseThrow().silent().toSeconds() >= 2);
    try (var ours = TestNode.called("junk", redis.url())) {
      awaitState(one, "junk", State.PRESENT);
    }

    redis.cli("HDEL", "harp:nodes", "copy", "junk", "text");
    await().until(() -> seen(one, "junk").isEmpty());
  }

  private static void say(int strangers) {
    var names = IntStream.range(0, strangers).boxed().flatMap(it -> Stream.of("x" + it, "x"));
    redis.cli(Stream.concat(Stream.of("HSET", "harp:nodes"), names).toArray(String[]::new));
  }

  @Test
  void oneTooManyKeepsItselfOutAndNobodyElse() {
    awaitState(one, "one", State.THIS);
    say(999);
    try (var late = TestNode.called("late", redis.url())) {
      await()
          .until(
              () ->
                  late.status()
                      .troubles()
                      .contains(
                          "harp:nodes holds 1000 names without this node's, expected at most"
                              + " 1000 with it"));
      var before = said("one");
      await().until(() -> !said("one").equals(before));
      assertThat(redis.cli("HLEN", "harp:nodes")).isEqualTo("1000");
      assertThat(one.status().troubles()).isEmpty();

      redis.cli("HDEL", "harp:nodes", "x0");
      awaitState(one, "late", State.PRESENT);
    }
    redis.cli("DEL", "harp:nodes");
    awaitState(one, "one", State.THIS);
  }

  @Test
  void tooManyNamesAreNotRead() {
    say(1_001);

    await()
        .until(
            () -> one.status().troubles().stream().anyMatch(it -> it.contains("expected at most")));
    assertThat(one.status().nodes()).hasSizeLessThan(100);

    redis.cli("DEL", "harp:nodes");
    awaitState(one, "one", State.THIS);
    await().until(() -> one.status().troubles().isEmpty());
  }
}
