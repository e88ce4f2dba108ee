// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import static io.github.harp.tunnel.yamux.Frames.ACK_1;
import static io.github.harp.tunnel.yamux.Frames.GO_AWAY_PROTOCOL_ERROR;
import static io.github.harp.tunnel.yamux.Frames.OPEN_1;
import static io.github.harp.tunnel.yamux.Frames.OPEN_3;
import static io.github.harp.tunnel.yamux.Frames.RST_1;
import static io.github.harp.tunnel.yamux.Frames.RST_3;
import static io.github.harp.tunnel.yamux.Frames.credit;
import static io.github.harp.tunnel.yamux.Frames.payloadBytes;
import static io.github.harp.tunnel.yamux.YamuxOptions.HOURLY;
import static io.github.harp.tunnel.yamux.YamuxOptions.assertTheBudgetIsFree;
import static io.github.harp.tunnel.yamux.YamuxOptions.withBudgetFor;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.stream.HeldBytes;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How much a peer may send, for one stream and for all; what of it is given back. */
class YamuxCreditTest {

  @Test
  void sendsNoMoreThan256KiBBeforeTheFirstUpdate() {
    RawPeer peer = RawPeer.ofServer();
    peer.sends(OPEN_1).received();

    peer.stream(0).channel.writeAndFlush(Unpooled.buffer().writeZero(300 * 1024));
    peer.takesOnly(Integer.MAX_VALUE);
    assertThat(payloadBytes(peer.receivedBytes())).isEqualTo(256 * 1024);
    assertThat(peer.stream(0).channel.isWritable()).isFalse();

    peer.sends("000100000000000100100000");
    assertThat(payloadBytes(peer.receivedBytes())).isEqualTo(44 * 1024);
    assertThat(peer.stream(0).channel.isWritable()).isTrue();
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
  void aStreamBeyondTheLimitIsResetAndNeverExists() {
    RawPeer peer = RawPeer.ofServer(YamuxOptions.of(1, 1 << 30, HOURLY));

    peer.sends(OPEN_1, OPEN_3);

    assertThat(peer.received()).isEqualTo(ACK_1 + RST_3);
    assertThat(peer.accepted).hasSize(1);

    peer.session.limitStreams(2);
    peer.sends("000100010000000500000000");
    assertThat(peer.accepted).hasSize(2);
  }

  @Test
  void aStreamBeyondTheBudgetIsReset() {
    RawPeer peer = RawPeer.ofServer(YamuxOptions.of(2048, 400 * 1024, HOURLY));

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
}
