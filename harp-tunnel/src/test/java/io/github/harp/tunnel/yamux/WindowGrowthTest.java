// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.StreamChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How much credit a stream has: by what its reader fetches, and by what memory there is. */
class WindowGrowthTest extends ScarceMemory {

  private static final String RST_1 = "000100080000000100000000";

  @Test
  @DisplayName("F3: windows of readers that keep up do not grow beyond half of the memory")
  void f3_windowsGrowWithinTheMemory() {
    Sender sender = new Sender(8);
    for (int round = 0; round < 400; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }

    assertThat(sender.credit()).isBetween(4L * MIB, 4L * MIB + 8 * 256 * 1024);
  }

  @Test
  @DisplayName("F3: a reader that has fetched everything gets some credit, however short memory is")
  void f3_nobodyWaitsForEver() {
    Sender sender = new Sender(1);
    all.reserve(7 * MIB);

    for (int round = 0; round < 200; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }

    assertThat(sender.leastFetched()).isGreaterThan(3 * MIB);
    assertThat(sender.credit()).isLessThanOrEqualTo(64 * 1024);

    all.reserve(-7 * MIB);
    for (int round = 0; round < 100; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }
    assertThat(sender.credit()).as("and more when there is room").isGreaterThan(2 * MIB);
  }

  @Test
  @DisplayName("F3: windows that have shrunk grow again only while there is plenty of room")
  void f3_windowsRecoverWithinTheMemory() {
    Sender sender = new Sender(1);
    all.reserve(7 * MIB);
    for (int round = 0; round < 100; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }
    all.reserve(-2 * MIB);
    for (int round = 0; round < 100; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }

    assertThat(sender.credit()).isLessThanOrEqualTo(64 * 1024);
  }

  @Test
  @DisplayName("S1: a stream may send all that the protocol gives it while there is room")
  void s1_nothingIsTakenBackWhileThereIsRoom() {
    Sender sender = new Sender(1).begins();
    assertThat(sender.credit()).isEqualTo(64 * 1024);

    HeldBytes plenty = HeldBytes.limitedTo(64 * MIB);
    RawPeer peer =
        RawPeer.ofServer(new YamuxSession.Options(2048, 1 << 30, new YamuxSession.Pings(), plenty));
    peer.sends("000100010000000100000000").received();
    ((StreamChannel) peer.stream(0).channel).beginPayload();
    assertThat(peer.received()).isEmpty();
  }

  @Test
  @DisplayName("S1: a stream that sends now and then needs no more credit than it has")
  void s1_windowsOfQuietStreamsDoNotGrow() {
    Sender sender = new Sender(1).begins();
    for (int i = 0; i < 12; i++) {
      sender.credit();
      sender.sendsPiece(sender.reader(0));
      sender.eachReaderFetches(Integer.MAX_VALUE);
      sender.peer.waits(2, TimeUnit.SECONDS);
    }

    assertThat(sender.leastFetched()).isEqualTo(12 * PIECE);
    assertThat(sender.credit()).isLessThanOrEqualTo(64 * 1024);
  }

  @Test
  @DisplayName(
      "a reader that empties its window between bursts keeps up: the line is far, not slow")
  void burstsOfAFarLineAreNoSlowReader() {
    Sender sender = new Sender(1);
    for (int roundTrip = 0; roundTrip < 10; roundTrip++) {
      sender.sendsWhatItMay();
      for (int i = 0; i < 400; i++) {
        sender.eachReaderFetches(PIECE);
      }
    }

    assertThat(sender.credit()).isGreaterThan(3 * MIB);
  }

  @Test
  void theWindowShrinksForAReaderThatStaysBehind() {
    Sender sender = new Sender(1);
    for (int round = 0; round < 100; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(Integer.MAX_VALUE);
    }
    long grown = sender.credit();

    for (int round = 0; round < 600; round++) {
      sender.sendsWhatItMay();
      sender.eachReaderFetches(PIECE);
      sender.peer.waits(10, TimeUnit.MILLISECONDS);
    }

    assertThat(grown).isGreaterThan(3 * MIB);
    assertThat(all.current()).isLessThanOrEqualTo(256 * 1024);
  }

  @Test
  void aFrameBeyondTheCreditStillEndsTheSession() {
    Sender sender = new Sender(1);
    all.reserve(7 * MIB);

    sender.peer.sends("00 00 0000 00000001 00040001");

    assertThat(sender.peer.isDisconnected()).isTrue();
    assertThat(sender.peer.received()).doesNotContain(RST_1);
  }
}
