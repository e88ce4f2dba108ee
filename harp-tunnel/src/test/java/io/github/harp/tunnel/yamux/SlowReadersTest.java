// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.StreamChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** F3: a peer that keeps to its credit is slowed down when memory is short, and never cut off. */
class SlowReadersTest extends ScarceMemory {

  @Test
  @DisplayName("F3: readers that are too many for the memory are slowed down, none is reset")
  void f3_readersThatAreTooManyAreSlowedDown() {
    Sender sender = new Sender(60);
    long most = 0;
    for (int round = 0; round < 2_000 && sender.leastFetched() < 2 * MIB; round++) {
      sender.sendsWhatItMay();
      most = Math.max(most, all.current());
      sender.eachReaderFetches(PIECE);
      sender.peer.waits(10, TimeUnit.MILLISECONDS);
    }

    assertThat(sender.leastFetched()).as("everybody gets on").isGreaterThanOrEqualTo(2 * MIB);
    assertThat(sender.peer.accepted).noneMatch(stream -> stream.inactive);
    assertThat(sender.peer.isDisconnected()).isFalse();
    assertThat(most).isLessThanOrEqualTo(8 * MIB + PIECE);
  }

  @Test
  @DisplayName("F3: beyond the limit TCP holds the peer back, until there is room")
  void f3_beyondTheLimitTheConnectionIsNotRead() {
    Sender sender = new Sender(40);

    sender.sendsWhatItMay();
    assertThat(sender.isRead()).isFalse();
    assertThat(sender.peer.accepted).noneMatch(stream -> stream.inactive);

    sender.eachReaderFetches(Integer.MAX_VALUE);
    sender.peer.waits(10, TimeUnit.MILLISECONDS);
    assertThat(sender.isRead()).isTrue();
  }

  @Test
  @DisplayName("F3: a session within its part of the memory is read while another has used it up")
  void f3_oneSessionDoesNotHoldUpAnother() {
    Sender greedy = new Sender(40);
    Sender modest = new Sender(1);

    greedy.sendsWhatItMay();
    assertThat(greedy.isRead()).isFalse();

    modest.sendsWhatItMay();
    modest.eachReaderFetches(PIECE);
    modest.sendsWhatItMay();
    assertThat(modest.isRead()).isTrue();
  }

  @Test
  @DisplayName("S1: however many stand still, the connection is read: they may not send so much")
  void s1_whoStandsStillHoldsUpNobody() {
    Sender sender = new Sender(200).begins();

    sender.sendsWhatItMay();
    assertThat(sender.credit()).as("everybody has sent what it may").isZero();
    assertThat(sender.isRead()).isTrue();
    sender.peer.waits(20, TimeUnit.SECONDS);
    assertThat(sender.peer.accepted).noneMatch(stream -> stream.inactive);

    int next = 401;
    sender.peer.sends("0001000100000191" + "00000000").received();
    RawPeer.AcceptedStream newcomer = sender.peer.stream(200);
    ((StreamChannel) newcomer.channel).beginPayload();
    newcomer.write("request");
    assertThat(sender.peer.received()).endsWith("00000007" + "72657175657374");
    sender.peer.sendsData(next, "answer".getBytes(StandardCharsets.US_ASCII));
    assertThat(newcomer.read).hasToString("answer");
  }

  @Test
  @DisplayName("S1: when others have waited for half a second, a second without a move is enough")
  void s1_nobodyWaitsForFiveSeconds() {
    Sender sender = new Sender(40);
    sender.sendsWhatItMay();
    assertThat(sender.isRead()).isFalse();

    sender.peer.waits(400, TimeUnit.MILLISECONDS);
    sender.peer.waits(90, TimeUnit.MILLISECONDS);
    assertThat(sender.peer.accepted).noneMatch(stream -> stream.inactive);
    sender.peer.waits(600, TimeUnit.MILLISECONDS);
    sender.peer.waits(10, TimeUnit.MILLISECONDS);
    assertThat(sender.isRead()).isTrue();

    sender.peer.waits(100, TimeUnit.MILLISECONDS);
    sender.sendsWhatItMay();
    assertThat(sender.isRead()).as("and again").isFalse();
    sender.peer.waits(10, TimeUnit.MILLISECONDS);
    assertThat(sender.isRead()).as("at once").isTrue();
  }

  @Test
  void aConnectionThatIsNotReadIsNotTakenForDead() {
    for (int i = 0; i < 200; i++) {
      all.join(new Neighbour());
    }
    all.reserve(8 * MIB);
    Sender sender = new Sender(10);
    for (int i = 0; i < 10; i++) {
      sender.peer.sendsData(2 * i + 1, new byte[PIECE / 2]);
    }
    assertThat(sender.isRead()).isFalse();

    for (int i = 0; i < 60; i++) {
      sender.peer.waits(1, TimeUnit.SECONDS);
    }

    assertThat(sender.peer.isDisconnected()).isFalse();
    assertThat(sender.isRead()).isFalse();
  }

  @Test
  void everythingIsGivenBack() {
    Sender sender = new Sender(20);
    for (int round = 0; round < 50; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(3 * PIECE);
    }
    assertThat(all.current()).isPositive();

    sender.peer.connection.close();
    sender.peer.received();

    assertThat(all.current()).isZero();
    assertThat(all.hasRoomToGrow(4 * MIB)).isTrue();
  }
}
