// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.cluster.shared.NodesQuestion.Who;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever asks is answered, and knows when it was. */
class NodesQuestionTest {

  private static final String KIND = "which things";
  private static final String ANSWERED = "answered: " + KIND;

  private final ToldJournal journal = new ToldJournal();
  private final PassingTime time = new PassingTime();
  private final FewPeers nodes = new FewPeers();
  private int answers;

  private NodesQuestion question(Who who) {
    return new NodesQuestion(KIND, who, journal, time, nodes, () -> {}, () -> answers++);
  }

  private void hearOwn(Duration age) {
    hearOwn(journal.told.get(journal.told.size() - 1), age);
  }

  private void hearOwn(JsonObject event, Duration age) {
    journal.hearOwn(event.getString("kind"), event, age);
  }

  private void hearQuestion(String run) {
    journal.hear(KIND, new JsonObject().put("run", run), Duration.ZERO, run);
  }

  private void hearAnswered(String run) {
    var event = new JsonObject().put("runs", List.of(new JsonObject().put("run", run)));
    journal.hear(ANSWERED, event, Duration.ZERO, "another");
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
    nodes.known = Duration.ofSeconds(1);
    var question = question(Who.FIRST);
    question.ask();
    hearOwn(Duration.ZERO);
    assertThat(question.isAnswered()).isFalse();

    hearAnswered("a third");
    assertThat(question.isAnswered()).isFalse();
    hearAnswered("this");
    assertThat(question.isAnswered()).isTrue();

    question.ask();
    assertThat(question.isAnswered()).as("something else may be missing").isFalse();
  }

  @Test
  void whoKnowsItSinceIsNotWaitedFor() {
    var question = question(Who.FIRST);
    question.ask();
    time.passes(Duration.ofSeconds(2));
    nodes.known = Duration.ofSeconds(1);
    hearOwn(Duration.ZERO);

    assertThat(question.isAnswered()).isTrue();
  }

  @Test
  void whoMissedSomethingMayBeTheOnlyOneWhoKnowsSomethingElse() {
    question(Who.FIRST).ask();
    hearOwn(Duration.ZERO);
    time.passes(Duration.ofSeconds(1));
    assertThat(answers).isEqualTo(1);
  }

  @Test
  void whereEachSaysItsOwnNobodyAnswersItself() {
    question(Who.EACH).ask();
    hearOwn(Duration.ZERO);
    time.passes(Duration.ofSeconds(1));
    assertThat(answers).isZero();
  }

  @Test
  void whoKnowsSaysWhomItHasAnsweredAndNobodySaysItAgain() {
    nodes.tellsAll = true;
    question(Who.FIRST);
    hearQuestion("one");
    hearQuestion("two");
    hearAnswered("one");
    time.passes(Duration.ofSeconds(1));

    assertThat(answers).isEqualTo(1);
    assertThat(journal.told(ANSWERED))
        .singleElement()
        .satisfies(
            it -> assertThat(it.getJsonArray("runs").encode()).isEqualTo("[{\"run\":\"two\"}]"));
  }

  @Test
  void whoDoesNotKnowAllAnswersAndDoesNotSaySo() {
    question(Who.FIRST);
    hearQuestion("one");
    time.passes(Duration.ofSeconds(1));

    assertThat(answers).isEqualTo(1);
    assertThat(journal.told).isEmpty();
  }

  @Test
  void whatWaitedForTheServersForTooLongIsAskedAgain() {
    var question = question(Who.FIRST);
    question.ask();
    hearOwn(Duration.ofSeconds(30));
    assertThat(question.isAnswered()).isFalse();

    time.passes(Duration.ofSeconds(5));
    assertThat(journal.told(KIND)).hasSize(2);
    hearOwn(Duration.ZERO);
    time.passes(Duration.ofMinutes(1));
    assertThat(question.isAnswered()).isTrue();
    assertThat(journal.told(KIND)).hasSize(2);
  }

  @Test
  void ofSeveralThatWaitedOnlyTheLastIsAskedAgain() {
    var question = question(Who.EACH);
    for (var i = 0; i < 3; i++) {
      question.ask();
    }
    for (var event : List.copyOf(journal.told)) {
      hearOwn(event, Duration.ofSeconds(30));
    }
    time.passes(Duration.ofSeconds(5));

    assertThat(journal.told(KIND)).hasSize(4);
  }

  @Test
  void whoHasAnsweredRestsAndAnswersAllWhoAskMeanwhileAtOnce() {
    question(Who.EACH);
    hearQuestion("one");
    time.passes(Duration.ofMillis(200));
    assertThat(answers).isEqualTo(1);

    for (var i = 0; i < 10; i++) {
      hearQuestion("one");
      time.passes(Duration.ofMillis(150));
      assertThat(answers).isEqualTo(1);
    }
    time.passes(Duration.ofSeconds(1));
    assertThat(answers).isEqualTo(2);
  }

  @Test
  void whoOnlyAddsWaitsUntilTheLastHasHeardTheFirstAndNotForEver() {
    nodes.said.put("first", 0L);
    var patience = nodes.patience("one");
    assertThat(patience).isPositive();
    question(Who.FIRST);
    hearQuestion("one");
    time.passes(patience.minusMillis(100));
    hearQuestion("two");
    time.passes(patience);
    assertThat(answers).isZero();
    time.passes(Duration.ofMillis(200));
    assertThat(answers).isEqualTo(1);

    for (var i = 0; i < 60; i++) {
      hearQuestion("one");
      time.passes(Duration.ofMillis(500));
    }
    assertThat(answers).isGreaterThan(1);
  }

  @Test
  void whoAsksIsNotTheOneToAnswer() {
    nodes.said.put("asker", 0L);
    assertThat(nodes.patience("asker")).isZero();
    assertThat(nodes.patience("somebody else")).isPositive();
  }

  @Test
  void ofVeryManyWhoAskNotAllAreRemembered() {
    nodes.tellsAll = true;
    question(Who.FIRST);
    for (var i = 0; i < 5_000; i++) {
      hearQuestion("node " + i);
    }
    time.passes(Duration.ofSeconds(1));
    assertThat(journal.told(ANSWERED).stream().mapToInt(it -> it.getJsonArray("runs").size()))
        .isNotEmpty()
        .allMatch(size -> size <= 50);
    assertThat(journal.told(ANSWERED).stream().mapToInt(it -> it.getJsonArray("runs").size()).sum())
        .isEqualTo(2_000);
    journal.told.clear();

    hearQuestion("one more");
    time.passes(Duration.ofSeconds(5));
    assertThat(journal.told(ANSWERED))
        .singleElement()
        .satisfies(it -> assertThat(it.getJsonArray("runs")).hasSize(1));
  }
}
