// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What nobody fetches makes room for others in the end, and not before others need it. */
class IdleReadersTest extends ScarceMemory {

  @Test
  @DisplayName("F3: who fetches nothing while memory is used up is reset, who fetches is not")
  void f3_whoFetchesNothingIsResetInTheEnd() {
    Sender sender = new Sender(40);
    sender.sendsWhatItMay();
    assertThat(sender.isRead()).isFalse();

    for (int i = 0; i < 60; i++) {
      sender.peer.waits(100, TimeUnit.MILLISECONDS);
      sender.reader(3).fetches(PIECE / 4);
      sender.sendsWhatItMay();
    }

    assertThat(sender.reader(3).stream.inactive).isFalse();
    var reset = sender.peer.accepted.stream().filter(stream -> stream.inactive).toList();
    assertThat(reset).as("no more than others need").hasSizeBetween(1, 20);
    assertThat(reset.get(0).errors)
        .singleElement()
        .isInstanceOfSatisfying(
            TunnelException.class,
            e -> assertThat(e.code()).isEqualTo(TunnelException.Code.LIMIT_REACHED));
  }

  @Test
  @DisplayName(
      "F3: who takes slowly what another event loop was given moves, who does not is reset")
  void f3_whoTakesFromABridgeMoves() {
    all.join(new Neighbour());
    Sender sender = new Sender(20);
    EmbeddedChannel elsewhere = new EmbeddedChannel();
    elsewhere.freezeTime();
    Channel slow = across(sender.reader(0), elsewhere);
    Channel silent = across(sender.reader(1), elsewhere);
    sender.sendsWhatItMay();
    all.reserve(8 * MIB);
    sender.peer.sends(PING);

    for (int i = 0; i < 14; i++) {
      slow.read();
      elsewhere.runPendingTasks();
      elsewhere.advanceTimeBy(900, TimeUnit.MILLISECONDS);
      sender.peer.waits(900, TimeUnit.MILLISECONDS);
      elsewhere.runPendingTasks();
    }

    assertThat(sender.reader(0).stream.channel.isOpen()).isTrue();
    assertThat(slow.isOpen()).isTrue();
    assertThat(silent.isOpen()).isFalse();
    elsewhere.finishAndReleaseAll();
  }

  @Test
  void whoFetchesNothingIsLeftAloneWhileThereIsRoom() {
    Sender sender = new Sender(4);
    sender.sendsWhatItMay();

    sender.peer.waits(20, TimeUnit.SECONDS);
    all.reclaim(System.nanoTime() + TimeUnit.MINUTES.toNanos(1), TimeUnit.MINUTES.toNanos(1));
    sender.peer.waits(1, TimeUnit.SECONDS);

    assertThat(sender.peer.accepted).noneMatch(stream -> stream.inactive);
  }
}
