// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Comparator;
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
  private int begun;

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

  @Test
  @DisplayName("S1: what makes rounds long is begun less at a time, and more again in short ones")
  void adapts() {
    turns.await(this::asMuchAsThereIsRoomFor);
    var inShortRounds = begunInTenRounds(0);
    assertThat(inShortRounds).isSorted().startsWith(16).endsWith(64);
    var inLongRounds = begunInTenRounds(100);
    assertThat(inLongRounds).isSortedAccordingTo(Comparator.reverseOrder()).endsWith(16);
    assertThat(begunInTenRounds(0)).startsWith(16, 32).endsWith(64);
  }

  private List<Integer> begunInTenRounds(int millis) {
    var each = new ArrayList<Integer>();
    for (int i = 0; i < 10; i++) {
      channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
      nextRound();
      each.add(begun);
      begun = 0;
    }
    return each;
  }

  @Test
  @DisplayName("S1: those who wait get the same share of a round, however much each has brought")
  void shares() {
    var begun = new int[8];
    for (int i = 0; i < begun.length; i++) {
      int one = i;
      turns.await(() -> begin(begun[one] = turns.room()));
    }
    nextRound();
    assertThat(begun[0]).isBetween(1, 2);
    assertThat(begun[1]).isEqualTo(begun[0]);
  }

  private void asMuchAsThereIsRoomFor() {
    begin(turns.room());
    turns.await(this::asMuchAsThereIsRoomFor);
  }

  private void begin(int requests) {
    begun += requests;
    turns.begun(requests);
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
