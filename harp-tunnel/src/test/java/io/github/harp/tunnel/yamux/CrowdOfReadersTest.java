// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Many streams at once: none has much, and nobody else waits for them. */
class CrowdOfReadersTest extends ScarceMemory {

  /** For this memory as many as a thousand are for a process of 128 MB. */
  private static final int CROWD = 250;

  @Test
  @DisplayName(
      "S1: a crowd that reads nothing does not use the memory up, so nobody waits for room")
  void s1_aCrowdLeavesRoom() {
    all.join(new Neighbour());
    Sender sender = new Sender(CROWD).begins();
    EmbeddedChannel elsewhere = new EmbeddedChannel();
    for (int i = 0; i < CROWD; i++) {
      across(sender.reader(i), elsewhere);
    }

    for (int i = 0; i < 10; i++) {
      sender.sendsWhatItMay();
      elsewhere.runPendingTasks();
    }

    assertThat(sender.credit()).as("everybody has sent what it may").isZero();
    assertThat(all.isExhausted()).isFalse();
    assertThat(sender.isRead()).isTrue();
    elsewhere.finishAndReleaseAll();
  }

  @Test
  @DisplayName("S1: the peer has little of each stream of a crowd before the one of somebody else")
  void s1_aCrowdMaySendLittleAtATime() {
    Sender sender = new Sender(CROWD).begins();
    assertThat(sender.nextRoundBytes()).isLessThan(CROWD * PIECE * 3L / 4);

    for (int round = 0; round < 10; round++) {
      sender.sendsWhatItMay();
      sender.peer.waits(300, TimeUnit.MILLISECONDS);
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }

    assertThat(sender.nextRoundBytes()).isLessThan(CROWD * PIECE * 3L / 5);
    assertThat(sender.leastFetched()).as("everybody gets on").isGreaterThan(10 * 2 * 1024);
  }

  @Test
  @DisplayName("S1: whoever waits for nobody gets a whole piece, however many streams are idle")
  void s1_theOnlyOneThatSendsGetsMore() {
    Sender sender = new Sender(CROWD).begins();
    Reader last = sender.reader(CROWD - 1);
    all.reserve(MIB);
    sender.credit();
    assertThat(last.credit).isLessThan(PIECE);

    for (int i = 0; i < 8; i++) {
      sender.sendsPiece(last);
      last.fetches(Integer.MAX_VALUE);
      sender.peer.waits(10, TimeUnit.MILLISECONDS);
      sender.credit();
    }

    assertThat(last.credit).isGreaterThanOrEqualTo(PIECE);
  }

  @Test
  @DisplayName("S1: who does not take the little that a crowd's bridges hold is reset as well")
  void s1_whoTakesNothingInACrowdIsReset() {
    for (int i = 0; i < 10; i++) {
      all.join(new Neighbour());
    }
    Sender sender = new Sender(CROWD).begins();
    EmbeddedChannel elsewhere = new EmbeddedChannel();
    elsewhere.freezeTime();
    Channel silent = across(sender.reader(0), elsewhere);
    sender.credit();
    for (int left = (int) sender.reader(0).credit; left > 0; left -= 4096) {
      sender.peer.sendsData(sender.reader(0).id, new byte[Math.min(left, 4096)]);
    }
    all.reserve(8 * MIB);
    sender.peer.sends(PING);

    for (int i = 0; i < 14; i++) {
      elsewhere.runPendingTasks();
      elsewhere.advanceTimeBy(900, TimeUnit.MILLISECONDS);
      sender.peer.waits(900, TimeUnit.MILLISECONDS);
      elsewhere.runPendingTasks();
    }

    assertThat(silent.isOpen()).isFalse();
    elsewhere.finishAndReleaseAll();
  }
}
