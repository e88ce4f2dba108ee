// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One session against a peer that we write by hand, byte by byte. */
class YamuxSessionTest {

  private static final String OPEN_1 = "000100010000000100000000";
  private static final String OPEN_3 = "000100010000000300000000";
  private static final String ACK_1 = "000100020000000100000000";
  private static final String ACK_3 = "000100020000000300000000";
  private static final String FIN_1 = "000100040000000100000000";
  private static final String RST_1 = "000100080000000100000000";
  private static final String RST_3 = "000100080000000300000000";
  private static final String GO_AWAY_PROTOCOL_ERROR = "000300000000000000000001";
  private static final YamuxSession.Pings HOURLY = new YamuxSession.Pings(Duration.ofHours(1));
  private static final int SENDERS = 20;
  private final HeldBytes held = HeldBytes.limitedTo(256 << 20);
  private final YamuxSession.Options withoutPings =
      new YamuxSession.Options(2048, 1 << 30, HOURLY, held);

  @Test
  @DisplayName("the worked example of the protocol document, section 2.8")
  void theWorkedExample() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 01 0001 00000001 005c0000");
    assertThat(peer.received()).isEqualTo(ACK_1);

    peer.sends("00 00 0000 00000001 00000005", "68 65 6c 6c 6f");
    assertThat(peer.stream(0).read).hasToString("hello");

    peer.sends("00 01 0004 00000001 00000000");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);

    peer.stream(0).channel.close();
    assertThat(peer.received()).isEqualTo(FIN_1);
    assertThat(peer.session.streams().count()).isZero();

    peer.sends("00 02 0001 00000000 00000000");
    assertThat(peer.received()).isEqualTo("000200020000000000000000");
  }

  @Test
  void acknowledgesAtAcceptAndExactlyOnce() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends(OPEN_1);
    assertThat(peer.received()).isEqualTo(ACK_1);

    peer.stream(0).write("x");
    assertThat(peer.received()).isEqualTo("000000000000000100000001" + "78");
  }

  @Test
  void aDataFrameMayOpenAStreamAndCarryItsFirstAndLastBytes() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 00 0005 00000001 00000002 6869");

    assertThat(peer.stream(0).read).hasToString("hi");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  void sendsNoMoreThan256KiBBeforeTheFirstUpdate() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.buffer().writeZero(300 * 1024));
    assertThat(payloadBytes(peer.receivedBytes())).isEqualTo(256 * 1024);
    assertThat(peer.stream(0).channel.isWritable()).isFalse();

    peer.sends("000100000000000100100000");
    assertThat(payloadBytes(peer.receivedBytes())).isEqualTo(44 * 1024);
    assertThat(peer.stream(0).channel.isWritable()).isTrue();
  }

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
  void oneStreamThatIsNotReadHoldsUpNobody() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1, OPEN_3).received();
    peer.stream(0).setAutoRead(false);

    peer.sendsData(1, new byte[200_000]).sendsData(3, "go".getBytes());
    peer.sends("000200010000000000000007");

    assertThat(peer.stream(0).readBytes).isZero();
    assertThat(peer.stream(1).read).hasToString("go");
    assertThat(peer.received()).isEqualTo("000200020000000000000007");
  }

  @Test
  void creditIsGrantedWhenTheReaderDrains() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).setAutoRead(false);

    peer.sendsData(1, new byte[200_000]);
    assertThat(peer.received()).isEmpty();

    peer.stream(0).setAutoRead(true);
    assertThat(peer.stream(0).readBytes).isEqualTo(200_000);
    assertThat(peer.received()).startsWith("000100000000000100");
  }

  @Test
  void withoutAutoReadEveryReadGivesOneMessage() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).setAutoRead(false);
    peer.sendsData(1, new byte[20_000]).sendsData(1, new byte[20_000]);

    peer.stream(0).channel.read();
    peer.connection.runPendingTasks();

    assertThat(peer.stream(0).readBytes).isEqualTo(20_000);
  }

  @Test
  void theWindowGrowsForAReaderThatKeepsUp() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    long granted = 0;
    for (int i = 0; i < 400; i++) {
      peer.sendsData(1, new byte[64 * 1024]);
      granted += credit(peer.receivedBytes());
    }

    assertThat(256 * 1024 + granted - 400L * 64 * 1024).isBetween(3L << 20, 6L << 20);
  }

  @Test
  void aFrameBeyondTheCreditEndsTheSession() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.sends("00 00 0000 00000001 00040001");

    assertThat(peer.received()).isEqualTo(GO_AWAY_PROTOCOL_ERROR);
    assertThat(peer.isDisconnected()).isTrue();
    assertThat(peer.stream(0).inactive).isTrue();
  }

  @Test
  @DisplayName("credit is added modulo 2^32, as frp's programs do, so that it can be taken back")
  void creditCanBeTakenBack() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.sends("00 01 0000 00000001 fffc0003");
    peer.stream(0).write("hello");
    assertThat(peer.received()).isEqualTo("000000000000000100000003" + "68656c");

    peer.sends("00 01 0000 00000001 00000002");
    assertThat(peer.received()).isEqualTo("000000000000000100000002" + "6c6f");
  }

  @Test
  void neverSendsFinTwice() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    DuplexChannel stream = (DuplexChannel) peer.stream(0).channel;
    stream.shutdownOutput();
    stream.shutdownOutput();
    stream.close();

    assertThat(peer.received()).isEqualTo(FIN_1);
  }

  @Test
  void afterShutdownOfTheOutputTheStreamIsStillRead() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    ((DuplexChannel) peer.stream(0).channel).shutdownOutput();

    peer.sendsData(1, "late".getBytes());

    assertThat(peer.stream(0).read).hasToString("late");
    assertThat(peer.stream(0).channel.writeAndFlush(Unpooled.copiedBuffer(new byte[1])).cause())
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void withoutHalfClosureTheEndOfThePeerClosesTheStream() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);

    peer.sends(FIN_1);

    assertThat(peer.stream(0).inactive).isTrue();
    assertThat(peer.received()).isEqualTo(FIN_1);
  }

  @Test
  void bytesBeforeTheEndAreReadEvenByALateReader() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    peer.stream(0).setAutoRead(false);
    peer.sendsData(1, "last words".getBytes()).sends(FIN_1);
    assertThat(peer.stream(0).events).isEmpty();

    peer.stream(0).setAutoRead(true);

    assertThat(peer.stream(0).read).hasToString("last words");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  @DisplayName("F4: data behind an end is dropped, and the session stays")
  void f4_dataBehindAnEndIsDropped() {
    RawPeer peer = RawPeer.ofServer(withBudgetFor(2));
    peer.sends(OPEN_1, OPEN_3).sendsData(1, "answer".getBytes()).sends(FIN_1).received();

    peer.sendsData(1, new byte[60_000]).sends("00 00 0004 00000001 00000002 6869");
    peer.stream(0).write("still asked");
    peer.sendsData(3, "go".getBytes());

    assertThat(peer.isDisconnected()).isFalse();
    assertThat(peer.stream(0).read).hasToString("answer");
    assertThat(peer.stream(0).inactive).isFalse();
    assertThat(peer.stream(1).read).hasToString("go");
    assertThat(peer.received()).as("no credit for what is dropped").startsWith("0000000000000001");

    peer.sends(RST_1, RST_3);
    assertTheBudgetIsFree(peer);
  }

  @Test
  @DisplayName("F4: data behind an end that a slow reader has not reached is dropped, too")
  void f4_dataBehindAnEndThatIsNotReachedYet() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1);
    peer.stream(0).setAutoRead(false);
    peer.sendsData(1, "answer".getBytes()).sends(FIN_1).sendsData(1, "more".getBytes());

    peer.stream(0).setAutoRead(true);

    assertThat(peer.stream(0).read).hasToString("answer");
    assertThat(peer.stream(0).events).contains(ChannelInputShutdownEvent.INSTANCE);
  }

  @Test
  @DisplayName("F4: more than the credit is no excuse behind an end")
  void f4_moreThanTheCreditBehindAnEnd() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1, FIN_1).sendsData(1, new byte[200_000]);
    assertThat(peer.isDisconnected()).isFalse();

    peer.sendsData(1, new byte[62_145]);

    assertThat(peer.received()).endsWith(GO_AWAY_PROTOCOL_ERROR);
    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aResetOfThePeerClosesTheStreamAndSaysSo() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).sends(RST_1);

    assertThat(peer.stream(0).inactive).isTrue();
    assertThat(peer.stream(0).errors)
        .singleElement()
        .satisfies(
            e -> assertThat(((TunnelException) e).code()).isEqualTo(TunnelException.Code.RESET));
    assertThat(peer.session.streams().count()).isZero();
    assertThat(peer.received()).isEqualTo(ACK_1);
  }

  @Test
  void closingWithALingerOfZeroResets() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.config().setOption(ChannelOption.SO_LINGER, 0);
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo(RST_1);
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void closingWithUnsentBytesResetsSoThatATruncatedStreamNeverLooksComplete() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.buffer().writeZero(300 * 1024));
    peer.receivedBytes();
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo(RST_1);
  }

  @Test
  void writeFlushAndCloseSendsEverythingAndThenTheEnd() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.copiedBuffer(new byte[] {7}));
    peer.stream(0).channel.close();

    assertThat(peer.received()).isEqualTo("000000000000000100000001" + "07" + FIN_1);
  }

  @Test
  void aWritePromiseMayCloseTheStream() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();
    Channel stream = peer.stream(0).channel;

    stream.write(Unpooled.copiedBuffer(new byte[] {7})).addListener(f -> stream.close());
    stream.writeAndFlush(Unpooled.copiedBuffer(new byte[] {8}));

    assertThat(peer.received()).startsWith("000000000000000100000002" + "0708");
    assertThat(stream.isOpen()).isFalse();
  }

  @Test
  void aStreamThatOnlyWeClosedIsResetAfterAWhile() {
    RawPeer peer = RawPeer.ofServer(withoutPings);
    peer.sends(OPEN_1).received();
    peer.stream(0).channel.close();
    assertThat(peer.received()).isEqualTo(FIN_1);
    assertThat(peer.session.streams().count()).isOne();

    peer.waits(60, TimeUnit.SECONDS);

    assertThat(peer.received()).isEqualTo(RST_1);
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void framesOfAFinishedStreamAreSkipped() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).sends(RST_1).received();

    peer.sendsData(1, new byte[1000]).sends(FIN_1, OPEN_3);

    assertThat(peer.received()).isEqualTo(ACK_3);
  }

  @Test
  void idsMustBeOddAndNew() {
    for (String open :
        new String[] {"00010001 00000002 00000000", "00010001 00000000 00000000", OPEN_1}) {
      RawPeer peer = RawPeer.ofServer();
      peer.sends(OPEN_1, OPEN_3).received();

      peer.sends(open);

      assertThat(peer.received()).as(open).isEqualTo(GO_AWAY_PROTOCOL_ERROR);
      assertThat(peer.isDisconnected()).as(open).isTrue();
    }
  }

  @Test
  void framesOfAStreamThatWasNeverOpenedEndTheSession() {
    RawPeer peer = RawPeer.ofServer();

    peer.sends("00 00 0000 00000005 00000001 00");

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aWrongVersionTypeOrFlagEndsTheSession() {
    for (String frame :
        new String[] {
          "01 01 0001 00000001 00000000",
          "00 04 0000 00000001 00000000",
          "00 01 0010 00000001 00000000"
        }) {
      RawPeer peer = RawPeer.ofServer();

      peer.sends(frame);

      assertThat(peer.isDisconnected()).as(frame).isTrue();
    }
  }

  @Test
  void aStreamBeyondTheLimitIsResetAndNeverExists() {
    RawPeer peer = RawPeer.ofServer(new YamuxSession.Options(1, 1 << 30, HOURLY, held));

    peer.sends(OPEN_1, OPEN_3);

    assertThat(peer.received()).isEqualTo(ACK_1 + RST_3);
    assertThat(peer.accepted).hasSize(1);

    peer.session.limitStreams(2);
    peer.sends("000100010000000500000000");
    assertThat(peer.accepted).hasSize(2);
  }

  @Test
  void aStreamBeyondTheBudgetIsReset() {
    RawPeer peer = RawPeer.ofServer(new YamuxSession.Options(2048, 400 * 1024, HOURLY, held));

    peer.sends(OPEN_1, OPEN_3);

    assertThat(peer.received()).isEqualTo(ACK_1 + RST_3);
  }

  @Test
  void theBudgetIsGivenBackWhenAStreamEnds() {
    RawPeer peer = RawPeer.ofServer(withBudgetFor(2));
    peer.sends(OPEN_1, OPEN_3).sendsData(1, new byte[200_000]);
    peer.stream(1).setAutoRead(false);
    peer.sendsData(3, new byte[100_000]);

    peer.sends(RST_1, RST_3);

    assertTheBudgetIsFree(peer);
  }

  private YamuxSession.Options withBudgetFor(int streams) {
    return new YamuxSession.Options(2048, streams * 256 * 1024, HOURLY, held);
  }

  /** After streams 1 and 3, which were all that it is for. */
  private static void assertTheBudgetIsFree(RawPeer peer) {
    var before = peer.accepted.size();
    peer.sends("00 01 0001 00000005 00000000", "00 01 0001 00000007 00000000");
    assertThat(peer.accepted).hasSize(before + 2);
  }

  @Test
  void bytesForSlowReadersAreCountedOverAllSessions() {
    HeldBytes shared = HeldBytes.limitedTo(150_000);
    YamuxSession.Options options = new YamuxSession.Options(2048, 1 << 30, HOURLY, shared);
    RawPeer one = RawPeer.ofServer(options).sends(OPEN_1);
    RawPeer other = RawPeer.ofServer(options).sends(OPEN_1);
    one.stream(0).setAutoRead(false);
    other.stream(0).setAutoRead(false);

    one.sendsData(1, new byte[100_000]);
    assertThat(one.connection.config().isAutoRead()).isTrue();
    other.sendsData(1, new byte[100_000]);

    assertThat(shared.current()).isEqualTo(200_000);
    assertThat(other.connection.config().isAutoRead())
        .as("the limit of both is exceeded")
        .isFalse();

    one.sends(RST_1);
    assertThat(shared.current()).isEqualTo(100_000);
    other.sends(RST_1);
    assertThat(shared.current()).isZero();
  }

  @Test
  void manyStreamsThatAreOpenedAtOnceAreHandledByTurns() {
    RawPeer peer = RawPeer.ofServer(withoutPings);

    peer.sendsBytes(openedAndReset(1, 100));
    peer.sendsBytes(openedAndReset(201, 10));
    assertThat(peer.accepted).hasSize(32);
    assertThat(peer.connection.config().isAutoRead()).isFalse();

    peer.othersHadTheirTurn();
    assertThat(peer.accepted).hasSize(64);
    assertThat(peer.connection.config().isAutoRead()).isFalse();

    peer.othersHadTheirTurn();
    peer.othersHadTheirTurn();
    assertThat(peer.accepted).hasSize(110).allMatch(stream -> !stream.channel.isOpen());
    assertThat(peer.connection.config().isAutoRead()).isTrue();
    assertThat(peer.session.streams().count()).isZero();
  }

  @Test
  void whatWaitsForItsTurnKeepsItsOrder() {
    RawPeer peer = RawPeer.ofServer(withoutPings);
    ByteBuf first = opened(40);
    ByteBuf last = RawPeer.bytes("000000000000004f00000003 616263");

    peer.sendsBytes(Unpooled.wrappedBuffer(first, last.readRetainedSlice(13)));
    peer.sendsBytes(last);
    peer.othersHadTheirTurn();

    assertThat(peer.accepted).hasSize(40);
    assertThat(peer.stream(39).read).hasToString("abc");
  }

  @Test
  void whatBreaksTheProtocolInItsTurnEndsTheSession() {
    RawPeer peer = RawPeer.ofServer(withoutPings);

    peer.sendsBytes(Unpooled.wrappedBuffer(opened(40), RawPeer.bytes("000000000000006300000001")));
    assertThat(peer.connection.isOpen()).isTrue();
    peer.othersHadTheirTurn();

    assertThat(peer.received()).endsWith(GO_AWAY_PROTOCOL_ERROR);
    assertThat(peer.connection.isOpen()).isFalse();
  }

  @Test
  void whatStillWaitsForItsTurnIsDroppedWithTheConnection() {
    RawPeer peer = RawPeer.ofServer(withoutPings);
    ByteBuf much = openedAndReset(1, 100);

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

  @Test
  void aPingFloodEndsTheSession() {
    RawPeer peer = RawPeer.ofServer().sends(OPEN_1);

    for (int i = 0; i < 1000 && !peer.isDisconnected(); i++) {
      peer.sends("000200010000000000000000");
    }

    assertThat(peer.isDisconnected()).isTrue();
    assertThat(peer.stream(0).errors).singleElement().asString().contains("pings");
  }

  @Test
  void aPeerThatAnswersPingsStaysForADay() {
    RawPeer peer = RawPeer.ofServer();

    for (int i = 1; i <= 24 * 60 * 2; i++) {
      peer.waits(10, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);
      String ping = peer.received();
      assertThat(ping).startsWith("000200010000000000");
      peer.sends(ping.replace("00020001", "00020002"));
    }

    assertThat(peer.isDisconnected()).isFalse();
  }

  @Test
  void theAnswerToAPingSaysHowLongTheWayIs() {
    RawPeer peer = RawPeer.ofServer();
    assertThat(peer.session.roundTrip()).isEmpty();

    peer.waits(30, TimeUnit.SECONDS);
    String ping = peer.received();
    peer.waits(80, TimeUnit.MILLISECONDS);
    peer.sends(ping.replace("00020001", "00020002"));
    peer.waits(1, TimeUnit.SECONDS);
    peer.sends(ping.replace("00020001", "00020002"));

    assertThat(peer.session.roundTrip()).hasValue(Duration.ofMillis(80));
  }

  @Test
  void aSilentPeerIsGivenUp() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1);

    peer.waits(30, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
    assertThat(peer.stream(0).inactive).isTrue();
  }

  @Test
  void aPeerIsPingedAsOftenAsIsSaid() {
    RawPeer peer = RawPeer.ofServer(pingedEvery(Duration.ofSeconds(5)));
    peer.waits(5, TimeUnit.SECONDS);
    peer.sends(peer.received().replace("00020001", "00020002"));
    peer.waits(5, TimeUnit.SECONDS);
    assertThat(peer.received()).startsWith("00020001");

    peer.waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  private YamuxSession.Options pingedEvery(Duration interval) {
    return new YamuxSession.Options(2048, 1 << 30, new YamuxSession.Pings(interval), held);
  }

  @Test
  void aSilentPeerIsNotWaitedForByTls() {
    RawPeer peer = RawPeer.ofServer();
    peer.connection
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                // Once its farewell is sent.
              }
            });

    peer.waits(30, TimeUnit.SECONDS).waits(10, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void aBusyPeerMayAnswerLate() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).waits(30, TimeUnit.SECONDS).sendsData(1, new byte[1]);
    peer.waits(10, TimeUnit.SECONDS);
    assertThat(peer.isDisconnected()).isFalse();

    peer.waits(10, TimeUnit.SECONDS);
    assertThat(peer.isDisconnected()).isTrue();
  }

  // ---- the side that opens

  @Test
  void opensOddIncreasingStreams() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    Future<Channel> first = peer.session.openStream(new ChannelInboundHandlerAdapter());
    Future<Channel> second = peer.session.openStream(new ChannelInboundHandlerAdapter());

    assertThat(peer.received()).isEqualTo(OPEN_1 + OPEN_3);
    assertThat(first.getNow().isActive()).isTrue();
    assertThat(second.getNow().isActive()).isTrue();
  }

  @Test
  void sendsDataWithoutWaitingForTheAcknowledgement() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());
    Future<Channel> stream = peer.session.openStream(new ChannelInboundHandlerAdapter());

    stream.getNow().writeAndFlush(Unpooled.copiedBuffer(new byte[] {9}));

    assertThat(peer.received()).isEqualTo(OPEN_1 + "000000000000000100000001" + "09");
  }

  @Test
  void aMissingAcknowledgementEndsTheSession() {
    RawPeer peer = RawPeer.ofClient(withoutPings);
    peer.session.openStream(new ChannelInboundHandlerAdapter());
    peer.sends(ACK_1);
    peer.session.openStream(new ChannelInboundHandlerAdapter());

    peer.waits(75, TimeUnit.SECONDS);

    assertThat(peer.isDisconnected()).isTrue();
  }

  @Test
  void atMost256StreamsWaitForTheirAcknowledgement() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());
    for (int i = 0; i < 256; i++) {
      peer.session.openStream(new ChannelInboundHandlerAdapter());
    }

    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).cause())
        .isInstanceOf(TunnelException.class);

    peer.sends(ACK_1);
    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).isSuccess()).isTrue();
  }

  @Test
  void opensNothingAfterThePeerGoesAway() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    peer.sends("000300000000000000000000");

    assertThat(peer.session.openStream(new ChannelInboundHandlerAdapter()).cause())
        .hasMessageContaining("closing");
  }

  @Test
  void aStreamOpenedByTheServerIsRefused() {
    RawPeer peer = RawPeer.ofClient(new YamuxSession.Options());

    peer.sends("00 01 0001 00000002 00000000");

    assertThat(peer.received()).isEqualTo("000100080000000200000000");
  }

  // ---- reading frames back

  interface FrameVisitor {
    void frame(int offset, int type, int stream, int length);
  }

  static void visit(byte[] sent, FrameVisitor visitor) {
    for (int at = 0; at < sent.length; ) {
      var header = Unpooled.wrappedBuffer(sent, at, FrameHeader.BYTES);
      int type = header.getByte(1);
      int length = header.getInt(8);
      visitor.frame(at, type, header.getInt(4), length);
      at += FrameHeader.BYTES + (type == FrameHeader.TYPE_DATA ? length : 0);
    }
  }

  private static int payloadBytes(byte[] sent) {
    int[] sum = new int[1];
    visit(sent, (at, type, stream, length) -> sum[0] += type == FrameHeader.TYPE_DATA ? length : 0);
    return sum[0];
  }

  private static int largestFrame(byte[] sent) {
    int[] max = new int[1];
    visit(sent, (at, type, stream, length) -> max[0] = Math.max(max[0], length));
    return max[0];
  }

  private static long credit(byte[] sent) {
    long[] sum = new long[1];
    visit(
        sent,
        (at, type, stream, length) ->
            sum[0] += type == FrameHeader.TYPE_WINDOW_UPDATE ? length : 0);
    return sum[0];
  }

  private static int positionOfStream(byte[] sent, int wanted) {
    int[] position = {Integer.MAX_VALUE};
    visit(
        sent,
        (at, type, stream, length) -> {
          if (stream == wanted) {
            position[0] = Math.min(position[0], at);
          }
        });
    return position[0];
  }
}
