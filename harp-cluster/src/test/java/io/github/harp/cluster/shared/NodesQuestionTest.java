// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.cluster.presence.Peers;
import io.github.harp.cluster.shared.NodesQuestion.Who;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Whoever asks is answered, and knows when it was. */
class NodesQuestionTest {

  private static final String KIND = "which things";

  private final List<JsonObject> told = new ArrayList<>();
  private final Map<String, Consumer<Heard>> listeners = new HashMap<>();
  private final TreeMap<Long, Runnable> later = new TreeMap<>();
  private long now;
  private Duration known = Duration.ZERO;
  private boolean tellsAll;
  private Map<String, Long> said = Map.of("this", 0L);
  private int answers;

  private NodesQuestion question(Who who) {
    return new NodesQuestion(KIND, who, journal, loop, nodes, () -> {}, () -> answers++);
  }

  private void hear(JsonObject event, Duration age, boolean own) {
    listeners
        .get(event.getString("kind"))
        .accept(new Heard(event, age, own, own ? nodes.run() : "another"));
  }

  private void hearOwn(Duration age) {
    hear(told.get(told.size() - 1), age, true);
  }

  private static JsonObject asks(String run) {
    return new JsonObject().put("kind", KIND).put("run", run);
  }

  private List<JsonObject> toldOf(String kind) {
    return told.stream().filter(it -> it.getString("kind").equals(kind)).toList();
  }

  private void passes(Duration time) {
    var until = now + time.toNanos();
    while (!later.isEmpty() && later.firstKey() <= until) {
      now = later.firstKey();
      later.pollFirstEntry().getValue().run();
    }
    now = until;
  }

  @Test
  void whereNobodyKnowsItIsAnsweredOnceItIsHeard() {
    var question = question(Who.FIRST);
    question.ask();
    assertThat(question.isAnswered()).isFalse();

    hearOwn(Duration.ZERO);
    assertThat(question.isAnswered()).isTrue();
  }

  @Test
  void whereSomebodyKnowsThatOneHasToSaySo() {
    known = Duration.ofSeconds(1);
    var question = question(Who.FIRST);
    question.ask();
    hearOwn(Duration.ZERO);
    assertThat(question.isAnswered()).isFalse();

    hear(answered("a third"), Duration.ZERO, false);
    assertThat(question.isAnswered()).isFalse();
    hear(answered("this"), Duration.ZERO, false);
    assertThat(question.isAnswered()).isTrue();

    question.ask();
    assertThat(question.isAnswered()).as("something else may be missing").isFalse();
  }

  @Test
  void whoKnowsItSinceIsNotWaitedFor() {
    var question = question(Who.FIRST);
    question.ask();
    passes(Duration.ofSeconds(2));
    known = Duration.ofSeconds(1);
    hearOwn(Duration.ZERO);

    assertThat(question.isAnswered()).isTrue();
  }

  @Test
  void whoMissedSomethingMayBeTheOnlyOneWhoKnowsSomethingElse() {
    question(Who.FIRST).ask();
    hearOwn(Duration.ZERO);
    passes(Duration.ofSeconds(1));
    assertThat(answers).isEqualTo(1);
  }

  @Test
  void whereEachSaysItsOwnNobodyAnswersItself() {
    question(Who.EACH).ask();
    hearOwn(Duration.ZERO);
    passes(Duration.ofSeconds(1));
    assertThat(answers).isZero();
  }

  private static JsonObject answered(String run) {
    return new JsonObject()
        .put("kind", "answered: " + KIND)
        .put("runs", List.of(new JsonObject().put("run", run)));
  }

  @Test
  void whoKnowsSaysWhomItHasAnsweredAndNobodySaysItAgain() {
    tellsAll = true;
    question(Who.FIRST);
    hear(asks("one"), Duration.ZERO, false);
    hear(asks("two"), Duration.ZERO, false);
    hear(answered("one"), Duration.ZERO, false);
    passes(Duration.ofSeconds(1));

    assertThat(answers).isEqualTo(1);
    assertThat(toldOf("answered: " + KIND))
        .singleElement()
        .satisfies(
            it -> assertThat(it.getJsonArray("runs").encode()).isEqualTo("[{\"run\":\"two\"}]"));
  }

  @Test
  void whoDoesNotKnowAllAnswersAndDoesNotSaySo() {
    question(Who.FIRST);
    hear(asks("one"), Duration.ZERO, false);
    passes(Duration.ofSeconds(1));

    assertThat(answers).isEqualTo(1);
    assertThat(told).isEmpty();
  }

  @Test
  void whatWaitedForTheServersForTooLongIsAskedAgain() {
    var question = question(Who.FIRST);
    question.ask();
    hearOwn(Duration.ofSeconds(30));
    assertThat(question.isAnswered()).isFalse();

    passes(Duration.ofSeconds(5));
    assertThat(toldOf(KIND)).hasSize(2);
    hearOwn(Duration.ZERO);
    passes(Duration.ofMinutes(1));
    assertThat(question.isAnswered()).isTrue();
    assertThat(toldOf(KIND)).hasSize(2);
  }

  @Test
  void ofSeveralThatWaitedOnlyTheLastIsAskedAgain() {
    var question = question(Who.EACH);
    for (var i = 0; i < 3; i++) {
      question.ask();
    }
    for (var event : List.copyOf(told)) {
      hear(event, Duration.ofSeconds(30), true);
    }
    passes(Duration.ofSeconds(5));

    assertThat(toldOf(KIND)).hasSize(4);
  }

  @Test
  void whoHasAnsweredRestsAndAnswersAllWhoAskMeanwhileAtOnce() {
    question(Who.EACH);
    hear(asks("one"), Duration.ZERO, false);
    passes(Duration.ofMillis(200));
    assertThat(answers).isEqualTo(1);

    for (var i = 0; i < 10; i++) {
      hear(asks("one"), Duration.ZERO, false);
      passes(Duration.ofMillis(150));
      assertThat(answers).isEqualTo(1);
    }
    passes(Duration.ofSeconds(1));
    assertThat(answers).isEqualTo(2);
  }

  @Test
  void whoOnlyAddsWaitsUntilTheLastHasHeardTheFirstAndNotForEver() {
    said = Map.of("this", 0L, "first", 0L);
    var patience = nodes.patience("one");
    assertThat(patience).isPositive();
    question(Who.FIRST);
    hear(asks("one"), Duration.ZERO, false);
    passes(patience.minusMillis(100));
    hear(asks("two"), Duration.ZERO, false);
    passes(patience);
    assertThat(answers).isZero();
    passes(Duration.ofMillis(200));
    assertThat(answers).isEqualTo(1);

    for (var i = 0; i < 60; i++) {
      hear(asks("one"), Duration.ZERO, false);
      passes(Duration.ofMillis(500));
    }
    assertThat(answers).isGreaterThan(1);
  }

  @Test
  void whoAsksIsNotTheOneToAnswer() {
    said = Map.of("this", 0L, "asker", 0L);
    assertThat(nodes.patience("asker")).isZero();
    assertThat(nodes.patience("somebody else")).isPositive();
  }

  @Test
  void ofVeryManyWhoAskNotAllAreRemembered() {
    tellsAll = true;
    question(Who.FIRST);
    for (var i = 0; i < 5_000; i++) {
      hear(asks("node " + i), Duration.ZERO, false);
    }
    passes(Duration.ofSeconds(1));
    assertThat(toldOf("answered: " + KIND).stream().mapToInt(it -> it.getJsonArray("runs").size()))
        .isNotEmpty()
        .allMatch(size -> size <= 50);
    assertThat(
            toldOf("answered: " + KIND).stream()
                .mapToInt(it -> it.getJsonArray("runs").size())
                .sum())
        .isEqualTo(2_000);
    told.clear();

    hear(asks("one more"), Duration.ZERO, false);
    passes(Duration.ofSeconds(5));
    assertThat(toldOf("answered: " + KIND))
        .singleElement()
        .satisfies(it -> assertThat(it.getJsonArray("runs")).hasSize(1));
  }

  private final Journal journal =
      new Journal() {
        @Override
        public void listen(String kind, Consumer<Heard> listener) {
          listeners.put(kind, listener);
        }

        @Override
        public void whenMissing(Runnable listener) {
          // Nothing is.
        }

        @Override
        public void tell(String kind, JsonObject event) {
          told.add(event.copy().put("kind", kind));
        }
      };

  private final Loop loop =
      new Loop() {
        @Override
        public void run(Runnable task) {
          task.run();
        }

        @Override
        public void after(Duration delay, Runnable task) {
          var at = now + delay.toNanos();
          while (later.containsKey(at)) {
            at++;
          }
          later.put(at, task);
        }

        @Override
        public long nanos() {
          return now;
        }
      };

  private final Peers nodes =
      new Peers() {
        @Override
        public String run() {
          return "this";
        }

        @Override
        public Map<String, Long> said() {
          return said;
        }

        @Override
        public Duration known() {
          return known;
        }

        @Override
        public boolean tellsAll() {
          return tellsAll;
        }

        @Override
        public void says(LongSupplier number) {
          // Nobody is told.
        }

        @Override
        public void whenRead(Runnable listener) {
          // Nobody looks.
        }
      };
}
