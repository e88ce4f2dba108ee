// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.stream.Bridge;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * F3: a peer that keeps to its credit is slowed down when memory is short, and never cut off; what
 * nobody fetches makes room for others in the end.
 */
class SlowReadersTest {

  private static final int MIB = 1 << 20;
  private static final int PIECE = 16 * 1024;

  /** For this memory as many as a thousand are for a process of 128 MB. */
  private static final int CROWD = 250;

  private static final String PING = "000200010000000000000001";
  private static final String RST_1 = "000100080000000100000000";

  private final HeldBytes all = HeldBytes.limitedTo(8 * MIB);
  private final YamuxSession.Options options =
      new YamuxSession.Options(2048, 1 << 30, new YamuxSession.Pings(), all);

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

  private Channel across(Reader reader, EmbeddedChannel elsewhere) {
    var near = Bridge.across(reader.stream.channel, elsewhere.eventLoop(), all);
    elsewhere.runPendingTasks();
    reader.stream.channel.pipeline().remove(reader.stream);
    reader.stream.setAutoRead(true);
    return near.getNow();
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

  /** A connection that only takes part. */
  private static final class Neighbour implements HeldBytes.Holder {
    @Override
    public void reclaim(long patienceNanos) {}
  }

  /** A peer that sends as much as it has credit for, in turns, to readers who fetch when told. */
  private final class Sender {

    final RawPeer peer = RawPeer.ofServer(options);
    private final List<Reader> readers = new ArrayList<>();
    private int turn;

    Sender(int streams) {
      for (int i = 0; i < streams; i++) {
        int id = 2 * i + 1;
        peer.sends("00010001" + String.format("%08x", id) + "00000000");
        peer.stream(i).setAutoRead(false);
        readers.add(new Reader(id, peer.stream(i)));
      }
      peer.received();
    }

    /** Each is about to be told to send. */
    Sender begins() {
      readers.forEach(reader -> ((StreamChannel) reader.stream.channel).beginPayload());
      return this;
    }

    Reader reader(int index) {
      return readers.get(index);
    }

    boolean isRead() {
      return peer.connection.config().isAutoRead();
    }

    long leastFetched() {
      return readers.stream().mapToLong(reader -> reader.stream.readBytes).min().orElseThrow();
    }

    /** Of all streams, after the updates that have come. */
    long credit() {
      takesUpdates();
      return readers.stream().mapToLong(reader -> reader.credit).sum();
    }

    /** What may come of all before somebody else's has its turn: one piece of each at most. */
    long nextRoundBytes() {
      takesUpdates();
      return readers.stream().mapToLong(reader -> Math.min(reader.credit, PIECE)).sum();
    }

    void sendsWhatItMay() {
      takesUpdates();
      for (int idle = 0; idle < readers.size() && isRead(); turn++) {
        idle = sendsPiece(readers.get(turn % readers.size())) ? 0 : idle + 1;
      }
    }

    private boolean sendsPiece(Reader reader) {
      int bytes = (int) Math.min(reader.credit, PIECE);
      boolean may = bytes > 0 && !reader.stream.inactive;
      if (may) {
        reader.credit -= bytes;
        peer.sendsData(reader.id, new byte[bytes]);
      }
      return may;
    }

    void eachReaderFetches(int bytes) {
      readers.forEach(reader -> reader.fetches(bytes));
    }

    private void takesUpdates() {
      byte[] sent = peer.receivedBytes();
      Frames.visit(
          sent,
          (at, type, stream, length) -> {
            if (type == FrameHeader.TYPE_WINDOW_UPDATE) {
              readers.get(stream / 2).credit += length;
            }
          });
    }
  }

  /** Who is behind one stream. */
  private static final class Reader {

    final int id;
    final RawPeer.AcceptedStream stream;
    long credit = ReceiveWindow.INITIAL_BYTES;

    Reader(int id, RawPeer.AcceptedStream stream) {
      this.id = id;
      this.stream = stream;
    }

    /** At least this much, if that is there: whole messages. */
    void fetches(int bytes) {
      long wanted = (long) stream.readBytes + bytes;
      int before = -1;
      while (stream.readBytes < wanted && stream.readBytes != before && !stream.inactive) {
        before = stream.readBytes;
        stream.fetchOne();
      }
    }
  }
}
