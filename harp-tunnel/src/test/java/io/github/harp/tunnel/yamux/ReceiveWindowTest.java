// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A window at the end of a long line, in simulated time. */
class ReceiveWindowTest {

  private static final long MIB = 1 << 20;
  private static final int STEP_MILLIS = 1;

  private final HeldBytes memory = HeldBytes.limitedTo(64 * MIB);
  private final MockTicker time = Ticker.newMockTicker();
  private final ReceiveWindow window = new ReceiveWindow(new SessionCredit(1 << 30, memory), time);

  /** What is under way, in either direction: bytes of a frame or of credit. */
  private record Sent(long dueMillis, int bytes) {}

  private final Queue<Sent> frames = new ArrayDeque<>();
  private final Queue<Sent> updates = new ArrayDeque<>();
  private long nowMillis;
  private long credit = ReceiveWindow.INITIAL_BYTES;
  private int unread;

  /** Bytes of others that always wait in front of the line. */
  private long ofOthers;

  /** Bytes of ours that have waited there. */
  private long mostWaiting;

  /** What the sender trusts the line to carry at a time; grows while it has more to send. */
  private double trust = Long.MAX_VALUE;

  private static final double GROWTH_OF_TRUST = 0.03;

  private long shareOf(long lineBytes) {
    return ofOthers == 0 ? lineBytes : lineBytes * credit / (credit + ofOthers);
  }

  /**
   * @return how many bytes the reader has fetched
   */
  private long run(int seconds, int delayMillis, long lineRate, long readerRate) {
    return runMillis(seconds * 1000, delayMillis, lineRate, readerRate);
  }

  private long runMillis(int millis, int delayMillis, long lineRate, long readerRate) {
    long fetched = 0;
    for (int i = 0; i < millis; i += STEP_MILLIS) {
      nowMillis += STEP_MILLIS;
      time.advance(STEP_MILLIS, TimeUnit.MILLISECONDS);
      long trusted = (long) (trust * STEP_MILLIS / (2 * delayMillis));
      int sent = (int) Math.min(Math.min(credit, trusted), shareOf(lineRate * STEP_MILLIS / 1000));
      if (sent == trusted) {
        trust += trusted * GROWTH_OF_TRUST;
      }
      if (sent > 0) {
        credit -= sent;
        frames.add(new Sent(nowMillis + delayMillis, sent));
      }
      mostWaiting = Math.max(mostWaiting, credit);
      while (!frames.isEmpty() && frames.peek().dueMillis <= nowMillis) {
        int bytes = frames.remove().bytes;
        assertThat(window.accept(bytes)).isTrue();
        window.kept(bytes);
        unread += bytes;
      }
      int taken = (int) Math.min(unread, readerRate * STEP_MILLIS / 1000);
      if (taken > 0) {
        unread -= taken;
        fetched += taken;
        window.released(taken);
        int grant = window.consumed(taken);
        updates.add(new Sent(nowMillis + delayMillis, grant));
      }
      while (!updates.isEmpty() && updates.peek().dueMillis <= nowMillis) {
        credit += updates.remove().bytes;
      }
    }
    return fetched;
  }

  @ParameterizedTest(name = "{0} ms round trip, {1} MB/s, a reader that could do {2}")
  @CsvSource({"100, 40, 45", "100, 40, 1000", "90, 37, 60", "20, 100, 120", "250, 12, 13"})
  void aLongLineIsFilled(int roundTrip, long lineRate, long readerRate) {
    run(5, roundTrip / 2, lineRate * 1_000_000, readerRate * 1_000_000);

    long fetched = run(5, roundTrip / 2, lineRate * 1_000_000, readerRate * 1_000_000);

    assertThat(fetched).isGreaterThan(5 * lineRate * 1_000_000 * 97 / 100);
  }

  @ParameterizedTest(name = "{0} ms round trip, {1} MB/s")
  @CsvSource({"100, 40", "90, 37", "90, 12", "30, 100", "250, 12"})
  void littleWaitsInFrontOfALine(int roundTrip, long lineRate) {
    run(5, roundTrip / 2, lineRate * 1_000_000, 1_000_000_000);
    mostWaiting = 0;

    run(30, roundTrip / 2, lineRate * 1_000_000, 1_000_000_000);

    assertThat(mostWaiting / (lineRate * 1_000)).isLessThan(roundTrip * 40 / 100);
  }

  @Test
  void whereOthersTrafficWaitsInFrontOfALineAPartOfItIsTaken() {
    ofOthers = 2 * MIB;
    run(10, 45, 37_000_000, 1_000_000_000);

    assertThat(run(10, 45, 37_000_000, 1_000_000_000)).isGreaterThan(10 * 37_000_000L * 4 / 10);
  }

  @Test
  void aSenderThatIsSlowToTrustTheLineFindsCredit() {
    trust = 500_000;
    run(10, 45, 37_000_000, 1_000_000_000);

    assertThat(run(5, 45, 37_000_000, 1_000_000_000)).isGreaterThan(5 * 37_000_000L * 97 / 100);
  }

  @Test
  void aLineThatBecomesLongerIsFilledAgain() {
    run(5, 20, 20_000_000, 1_000_000_000);
    run(15, 60, 20_000_000, 1_000_000_000);

    assertThat(run(5, 60, 20_000_000, 1_000_000_000)).isGreaterThan(5 * 20_000_000L * 97 / 100);
    assertThat(mostWaiting).isLessThan(2 * MIB);
  }

  @ParameterizedTest(name = "after {0} ms")
  @ValueSource(ints = {550, 1_300})
  void aTrialThatALineFullOfOthersSpoilsTakesNothingOfWhatWasNeeded(int millis) {
    runMillis(millis, 50, 12 * MIB, 100 * MIB);
    runMillis(700, 50, 2 * MIB, 100 * MIB);

    assertThat(runMillis(1_000, 50, 12 * MIB, 100 * MIB)).isGreaterThan(10 * MIB);
  }

  @Test
  void aStreamOfWhichLittleComesIsGivenNoMore() {
    run(20, 45, 100_000, 1_000_000_000);

    assertThat(mostWaiting).isLessThanOrEqualTo(ReceiveWindow.INITIAL_BYTES);
  }

  @Test
  void nearbyAWindowGrowsWithoutBeingJudged() {
    run(2, 1, 500_000_000, 1_000_000_000);
    assertThat(memory.hasRoomToGrow(27 * MIB)).isFalse();
  }

  @Test
  void nearbyAWindowIsSmallForAReaderThatAlwaysHasSomethingToFetch() {
    run(2, 1, 1_000_000_000, 100_000_000);
    assertThat(memory.hasRoomToGrow(30 * MIB)).isTrue();
  }

  @Test
  void aWindowGrowsNoFurtherThanMemoryAllows() {
    memory.reserve(30 * MIB);
    run(5, 45, 37_000_000, 1_000_000_000);
    assertThat(memory.hasRoomToGrow(0)).isTrue();
  }

  @Test
  void aLineThatBecomesMuchLongerWhileItIsJudgedIsFilledInTheEnd() {
    runMillis(70, 10, 100_000_000, 1_000_000_000);
    run(10, 100, 20_000_000, 1_000_000_000);

    assertThat(run(5, 100, 20_000_000, 1_000_000_000)).isGreaterThan(5 * 20_000_000L * 97 / 100);
  }

  @Test
  void aLineThatBecomesFasterIsFilledAgain() {
    run(10, 45, 12_000_000, 1_000_000_000);
    run(10, 45, 37_000_000, 1_000_000_000);

    assertThat(run(5, 45, 37_000_000, 1_000_000_000)).isGreaterThan(5 * 37_000_000L * 97 / 100);
  }

  @Test
  void aSlowReaderIsGivenLittleInTheEndAndMoreWhenItIsQuickAgain() {
    run(5, 50, 40_000_000, 60_000_000);

    run(60, 50, 40_000_000, 500_000);
    assertThat(unread).isLessThanOrEqualTo(ReceiveWindow.INITIAL_BYTES);

    run(5, 50, 40_000_000, 60_000_000);
    assertThat(run(5, 50, 40_000_000, 60_000_000)).isGreaterThan(5 * 38_000_000L);
  }

  @Test
  void alongALongLineAWindowGrowsAgainAfterMemoryWasShort() {
    memory.reserve(60 * MIB);
    credit -= window.begin();
    assertThat(credit).isEqualTo(HeldBytes.PIECE_BYTES);

    memory.reserve(-60 * MIB);
    run(20, 220, 12_000_000, 13_000_000);

    assertThat(run(5, 220, 12_000_000, 13_000_000)).isGreaterThan(5 * 5_000_000L);
  }

  @Test
  void whatItMayCostIsGivenBackAtTheEnd() {
    run(5, 50, 40_000_000, 60_000_000);
    assertThat(memory.hasRoomToGrow(30 * MIB)).isFalse();

    window.close();

    assertThat(memory.hasRoomToGrow(32 * MIB)).isTrue();
  }
}
