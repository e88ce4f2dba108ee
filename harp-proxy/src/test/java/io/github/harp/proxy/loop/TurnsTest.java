// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** S1: very many requests of one client, or of very many clients, are no long turn for others. */
class TurnsTest {

  private static final int MANY = 1_000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Turns turns = new Turns(channel.eventLoop(), new FatalErrors(error -> {}));
  private final List<String> ran = new ArrayList<>();

  @BeforeEach
  void freezeTime() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void nextRound() {
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  @Test
  @DisplayName("S1: those who bring many share what a round has room for, and a few are always let")
  void shared() {
    int first = turns.room();
    int begun = 0;
    int room;
    while ((room = turns.room()) == first && begun < MANY) {
      turns.begun(room);
      begun += room;
    }
    assertThat(begun).isLessThan(MANY);
    turns.begun(first);
    assertThat(turns.room()).isBetween(1, first / 2);
    nextRound();
    assertThat(turns.room()).isEqualTo(first);
  }

  @Test
  @DisplayName("S1: who waits again at once comes after everybody else, in the next round")
  void again() {
    turns.await(this::waitAgain);
    turns.await(() -> ran.add("b"));
    nextRound();
    assertThat(ran).containsExactly("a", "b");
    nextRound();
    assertThat(ran).containsExactly("a", "b", "a");
  }

  private void waitAgain() {
    ran.add("a");
    turns.await(() -> ran.add("a"));
  }

  @Test
  @DisplayName("S1: a round ends, though everybody that waits does next to nothing")
  void roundsEnd() {
    for (int i = 0; i < MANY; i++) {
      turns.await(() -> ran.add("a"));
    }
    nextRound();
    assertThat(ran).hasSizeBetween(1, MANY / 2);
    for (int i = 0; i < MANY; i++) {
      nextRound();
    }
    assertThat(ran).hasSize(MANY);
  }
}
