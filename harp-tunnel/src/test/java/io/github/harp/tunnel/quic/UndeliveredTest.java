// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.quic.UnreadStreams.Undelivered;
import org.junit.jupiter.api.Test;

/** What is told from what comes, what is taken, and what goes. */
class UndeliveredTest {

  private static final int FULL = 1_200;
  private static final int SMALL = 48;

  /** Of a datagram that is full of one piece. */
  private static final int CONTENT = FULL - 45;

  private static final int LITTLE = 64 << 10;

  private final Undelivered undelivered = new Undelivered();
  private long packets;
  private long received;
  private long sent;

  private void come(int datagrams, int size, int taken) {
    for (int i = 0; i < datagrams; i++) {
      packets++;
      received += size;
      if (taken > 0) {
        undelivered.handedOn(taken);
      }
      undelivered.arrived(size);
      if (i % 50 == 0) {
        count();
      }
    }
    count();
  }

  private void send(int datagrams) {
    sent += (long) FULL * datagrams;
    count();
  }

  private void count() {
    undelivered.count(packets, received, sent);
  }

  @Test
  void whatIsTakenIsNotKept() {
    come(100_000, FULL, CONTENT);

    assertThat(undelivered.bytes()).isZero();
  }

  @Test
  void norIsWhatIsSmallAndTaken() {
    come(100_000, SMALL, 1);

    assertThat(undelivered.bytes()).isZero();
  }

  @Test
  void whatIsNotTakenIs() {
    come(100, FULL, 0);

    assertThat(undelivered.bytes())
        .isEqualTo(100 * (FULL - Undelivered.BYTES_OF_A_PACKET + Undelivered.PIECE));
  }

  @Test
  void howeverSmallItIs() {
    come(1_000, SMALL, 0);

    assertThat(undelivered.bytes()).isEqualTo(1_000 * Undelivered.PIECE);
  }

  @Test
  void whatIsTakenBesideItDoesNotHideIt() {
    for (int i = 0; i < 1_000; i++) {
      come(1, SMALL, 0);
      come(1, FULL, CONTENT);
    }
    assertThat(undelivered.bytes()).isGreaterThan(1_000 * Undelivered.PIECE / 2);
  }

  @Test
  void whatIsTakenLaterIsNotKeptAnyMore() {
    for (int i = 0; i < 50; i++) {
      come(200, FULL, 0);
      undelivered.handedOn(200 * CONTENT);
      come(1, FULL, CONTENT);
    }
    assertThat(undelivered.bytes()).isZero();
  }

  /** A line that sends one in thirty twice. */
  @Test
  void whatComesTwiceIsNotKept() {
    for (int i = 0; i < 10_000; i++) {
      come(30, FULL, CONTENT);
      come(1, FULL, 0);
    }
    assertThat(undelivered.bytes()).isLessThan(LITTLE);
  }

  @Test
  void acknowledgementsAreNotKept() {
    for (int i = 0; i < 1_000; i++) {
      send(100);
      come(50, SMALL, 0);
    }
    assertThat(undelivered.bytes()).isZero();
  }

  @Test
  void norThoseOfLittleThatIsSent() {
    for (int i = 0; i < 100_000; i++) {
      undelivered.answered();
      come(1, SMALL, 0);
    }
    assertThat(undelivered.bytes()).isZero();
  }

  @Test
  void nobodyAcknowledgesLongAfterwards() {
    send(1_000_000);
    come(10_000, SMALL, 0);

    assertThat(undelivered.bytes())
        .isEqualTo(10_000 * Undelivered.PIECE - Undelivered.MOST_ANSWERS);
  }
}
