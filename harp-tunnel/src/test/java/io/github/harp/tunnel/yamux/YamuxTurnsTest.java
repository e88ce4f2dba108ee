// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.GO_AWAY_PROTOCOL_ERROR;
import static io.github.harp.tunnel.yamux.Frames.OPEN_1;
import static io.github.harp.tunnel.yamux.Frames.OPEN_3;
import static io.github.harp.tunnel.yamux.Frames.largestFrame;
import static io.github.harp.tunnel.yamux.Frames.positionOfStream;
import static io.github.harp.tunnel.yamux.YamuxOptions.withoutPings;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import org.junit.jupiter.api.Test;

/** Who is heard, and who may send, when many want to at once. */
class YamuxTurnsTest {

  private static final int SENDERS = 20;

  @Test
  void framesAreAtMost16KiBAndStreamsTakeTurns() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1, OPEN_3).received();

    peer.stallsTheConnection(true);
    peer.stream(0).channel.writeAndFlush(Unpooled.buffer().writeZero(200 * 1024));
    peer.stream(1).write("small");
    peer.stallsTheConnection(false);
    byte[] sent = peer.receivedBytes();

    assertThat(positionOfStream(sent, 3)).isLessThan(128 * 1024);
    assertThat(largestFrame(sent)).isEqualTo(FrameWriter.MAX_PAYLOAD_BYTES);
  }

  @Test
  void whoBeginsToSendGoesAheadOfManyThatHaveSent() {
    RawPeer peer = manyInTheirTurn();

    peer.stream(SENDERS).write("small");
    peer.takesOnly(200 * 1024);

    assertThat(positionOfStream(peer.receivedBytes(), SENDERS * 2 + 1)).isLessThan(20 * 1024);
  }

  @Test
  void whoeverHasSentInThisRoundWaitsForAllOthers() {
    RawPeer peer = manyInTheirTurn();
    peer.stream(SENDERS).write("small");
    peer.takesOnly(16 * 1024);
    peer.receivedBytes();

    peer.stream(SENDERS).write("small");
    peer.takesOnly(Integer.MAX_VALUE);

    byte[] sent = peer.receivedBytes();
    int again = positionOfStream(sent, SENDERS * 2 + 1);
    for (int sender = 1; sender < SENDERS; sender++) {
      assertThat(positionOfStream(sent, sender * 2 + 1)).isLessThan(again);
    }
  }

  @Test
  void whatGoesFirstNeverWaitsForARound() {
    RawPeer peer = manyInTheirTurn();
    ((StreamChannel) peer.stream(SENDERS).channel).goFirst();
    peer.stream(SENDERS).write("small");
    peer.takesOnly(16 * 1024);
    peer.receivedBytes();

    peer.stream(SENDERS).write("small");
    peer.takesOnly(Integer.MAX_VALUE);

    assertThat(positionOfStream(peer.receivedBytes(), SENDERS * 2 + 1)).isLessThan(20 * 1024);
  }

  @Test
  void whileMuchIsSentTheConnectionIsRead() {
    RawPeer peer = manyAreOpen();
    peer.stallsTheConnection(true);
    manyWriteMuch(peer);

    peer.stallsTheConnection(false);
    int most = peer.receivedBytes().length;
    assertThat(most).isBetween(64 * 1024, 5 * 64 * 1024);
    peer.othersHadTheirTurn();
    assertThat(peer.receivedBytes()).hasSizeBetween(64 * 1024, 5 * 64 * 1024);

    peer.takesOnly(Integer.MAX_VALUE);
    assertThat(most + peer.receivedBytes().length).isGreaterThan(SENDERS * 50 * 1024);
  }

  @Test
  void manyThatBeginAtOnceHoldNobodyForAWholeRound() {
    RawPeer peer = manyAreOpen();
    peer.takesOnly(0);
    manyWriteMuch(peer);
    peer.stream(SENDERS).write("small");
    peer.takesOnly(Integer.MAX_VALUE);

    assertThat(positionOfStream(peer.receivedBytes(), SENDERS * 2 + 1))
        .isLessThan(SENDERS * 4 * 1024 + 32 * 1024);
  }

  /** Each has sent one frame of many or two, and one stream more has said nothing yet. */
  private static RawPeer manyInTheirTurn() {
    RawPeer peer = manyAreOpen();
    peer.takesOnly(0);
    manyWriteMuch(peer);
    peer.takesOnly((SENDERS + 3) * 16 * 1024);
    peer.receivedBytes();
    return peer;
  }

  private static RawPeer manyAreOpen() {
    RawPeer peer = RawPeer.ofServer();
    for (int stream = 0; stream <= SENDERS; stream++) {
      peer.sends("00 01 0001 %08x 00000000".formatted(stream * 2 + 1));
    }
    peer.receivedBytes();
    return peer;
  }

  private static void manyWriteMuch(RawPeer peer) {
    for (int sender = 0; sender < SENDERS; sender++) {
      peer.stream(sender).channel.writeAndFlush(Unpooled.buffer().writeZero(100 * 1024));
    }
  }

  @Test
  void smallWritesOfOneFlushShareAFrame() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    Channel stream = peer.stream(0).channel;
    stream.write(Unpooled.copiedBuffer(new byte[] {1}));
    stream.write(Unpooled.EMPTY_BUFFER);
    stream.write(Unpooled.copiedBuffer(new byte[] {2}));
    stream.flush();

    assertThat(peer.received()).isEqualTo("000000000000000100000002" + "0102");
  }

  @Test
  void manyStreamsThatAreOpenedAtOnceAreHandledByTurns() {
    RawPeer peer = RawPeer.ofServer(withoutPings());

    peer.sendsBytes(openedAndReset(1, 1500));
    peer.sendsBytes(openedAndReset(3001, 10));
    assertThat(peer.accepted).hasSize(32);
    assertThat(peer.connection.config().isAutoRead()).isFalse();

    peer.othersHadTheirTurn();
    assertThat(peer.accepted).hasSize(64);
    assertThat(peer.connection.config().isAutoRead()).isFalse();

    for (int turn = 2; turn < 48; turn++) {
      assertThat(peer.accepted).hasSize(32 * turn);
      peer.othersHadTheirTurn();
    }
    assertThat(peer.accepted).hasSize(1510).allMatch(stream -> !stream.channel.isOpen());
    assertThat(peer.connection.config().isAutoRead()).isTrue();
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void whatWaitsForItsTurnKeepsItsOrder() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    ByteBuf first = opened(40);
    ByteBuf last = RawPeer.bytes("000000000000004f00000003 616263");

    peer.sendsBytes(Unpooled.wrappedBuffer(first, last.readRetainedSlice(13)));
    peer.sendsBytes(last);
    peer.othersHadTheirTurn();

    assertThat(peer.accepted).hasSize(40);
    assertThat(peer.stream(39).read).hasToString("abc");
  }

  @Test
  void whatIsSentOnOpenStreamsOvertakesThoseThatWait() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    ByteBuf small = RawPeer.bytes("000000000000000100000006 616263646566");

    peer.sendsBytes(Unpooled.wrappedBuffer(opened(100), small.readRetainedSlice(15)));
    assertThat(peer.accepted).hasSize(32);
    assertThat(peer.stream(0).read).hasToString("abc");
    assertThat(peer.connection.config().isAutoRead()).isTrue();

    // Others are opened amid the frame.
    peer.othersHadTheirTurn();
    peer.sendsBytes(small);
    assertThat(peer.accepted).hasSize(64);
    assertThat(peer.stream(0).read).hasToString("abcdef");
  }

  @Test
  void aStreamThatWaitsIsNotOvertakenByItsOwnFrames() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    ByteBuf last = RawPeer.bytes("000000000000004f00000003 616263 000000000000004f00000001 64");

    peer.sendsBytes(Unpooled.wrappedBuffer(opened(40), last.readRetainedSlice(14)));
    peer.sendsBytes(last.readRetainedSlice(1));
    peer.othersHadTheirTurn();
    peer.sendsBytes(last);

    assertThat(peer.stream(39).read).hasToString("abcd");
  }

  @Test
  void ofStreamsThatWaitNoMoreIsKeptThanAFewHundredSend() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    ByteBuf frame = Unpooled.buffer();
    FrameHeader.write(frame, FrameHeader.TYPE_DATA, 0, 79, 200_000);

    peer.sendsBytes(Unpooled.wrappedBuffer(opened(40), frame.writeZero(150_000)));
    assertThat(peer.connection.config().isAutoRead()).isTrue();
    peer.sendsBytes(Unpooled.buffer().writeZero(50_000));
    assertThat(peer.connection.config().isAutoRead()).isFalse();
    peer.othersHadTheirTurn();

    assertThat(peer.accepted).hasSize(40);
    assertThat(peer.stream(39).readBytes).isEqualTo(200_000);
    assertThat(peer.connection.config().isAutoRead()).isTrue();
  }

  @Test
  void whatWaitsTakesAPartOfTheLimitOfAllSessions() {
    long most = 4 << 20;
    HeldBytes all = HeldBytes.limitedTo(2 * most);
    var options = new YamuxSession.Options();
    RawPeer peer =
        RawPeer.ofServer(
            new YamuxSession.Options(
                options.maxStreams(), options.budgetBytes(), options.pings(), all));
    peer.sendsBytes(opened(40));
    assertThat(all.hasRoomToGrow(most - 100_000)).isTrue();

    peer.sendsData(79, new byte[100_000]);
    assertThat(all.hasRoomToGrow(most - 100_000)).isFalse();

    peer.connection.close();
    assertThat(all.hasRoomToGrow(most)).isTrue();
  }

  @Test
  void whatBreaksTheProtocolInItsTurnEndsTheSession() {
    RawPeer peer = RawPeer.ofServer(withoutPings());

    // The last one, once more.
    peer.sendsBytes(
        Unpooled.wrappedBuffer(opened(40), RawPeer.bytes("00010001 0000004f 00000000")));
    assertThat(peer.connection.isOpen()).isTrue();
    peer.othersHadTheirTurn();

    assertThat(peer.received()).endsWith(GO_AWAY_PROTOCOL_ERROR);
    assertThat(peer.connection.isOpen()).isFalse();
  }

  @Test
  void whatStillWaitsForItsTurnIsDroppedWithTheConnection() {
    RawPeer peer = RawPeer.ofServer(withoutPings());
    ByteBuf much = openedAndReset(1, 2000);

    peer.sendsBytes(much);
    peer.connection.close();
    peer.othersHadTheirTurn();

    assertThat(peer.accepted).hasSize(32);
    assertThat(much.refCnt()).isZero();
  }

  private static ByteBuf opened(int streams) {
    return opened(1, streams, FrameHeader.SYN);
  }

  private static ByteBuf openedAndReset(int firstId, int streams) {
    return opened(firstId, streams, FrameHeader.SYN | FrameHeader.RST);
  }

  private static ByteBuf opened(int firstId, int streams, int flags) {
    ByteBuf frames = Unpooled.buffer();
    for (int i = 0; i < streams; i++) {
      FrameHeader.write(frames, FrameHeader.TYPE_WINDOW_UPDATE, flags, firstId + 2 * i, 0);
    }
    return frames;
  }
}
