// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients whose bytes are handed on, or not, in simulated time. */
class GapGuardTest {

  private static final int MOST = 4 << 20;
  private static final int OF_ONE = MOST / 2;
  private static final int DATAGRAM = 1_000;

  /** One packet of QUIC version 1, of a handshake that has begun. */
  private static final byte[] OF_HANDSHAKE =
      ByteBuffer.allocate(DATAGRAM).put((byte) 0xe0).putInt(1).array();

  private static final InetSocketAddress SELF = new InetSocketAddress("203.0.113.1", 8782);

  private final MockTicker clock = Ticker.newMockTicker();
  private final GapGuard guard = new GapGuard(MOST, clock);
  private final EmbeddedChannel socket = new EmbeddedChannel(guard);

  @AfterEach
  void close() {
    socket.finishAndReleaseAll();
  }

  private boolean isTaken(byte[] datagram, InetSocketAddress sender) {
    var isTaken =
        socket.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(datagram), SELF, sender));
    if (isTaken) {
      socket.<DatagramPacket>readInbound().release();
    }
    return isTaken;
  }

  /** Of whom all that comes through is kept, or a part of it. */
  private final class Client implements GapGuard.Kept {

    private final InetSocketAddress address;
    private final Promise<Void> end = ImmediateEventExecutor.INSTANCE.newPromise();
    private int keeps = DATAGRAM;
    private long kept;
    private long seen;
    private long arrived;
    private boolean hasMoreThanItsPart;
    private int refusals;

    Client(int port) {
      address = new InetSocketAddress("203.0.113.9", port);
      guard.watch(address, this, end);
    }

    /** Returns how many of so many datagrams came through, evenly over so many milliseconds. */
    int sends(int count, int millis) {
      int through = 0;
      for (int i = 0; i < count; i++) {
        clock.advance(TimeUnit.MILLISECONDS.toNanos(millis) / count, TimeUnit.NANOSECONDS);
        if (isTaken(new byte[DATAGRAM], address)) {
          kept += keeps;
          through++;
        }
      }
      return through;
    }

    /** Returns how many of so many datagrams of a handshake came through. */
    int shakesHands(int datagrams) {
      return (int)
          IntStream.range(0, datagrams).filter(i -> isTaken(OF_HANDSHAKE, address)).count();
    }

    void bringsWhatWasMissing() {
      kept = 0;
    }

    boolean isCutOff() {
      return end.isDone();
    }

    @Override
    public void arrived(int datagramBytes) {
      arrived += datagramBytes;
    }

    @Override
    public boolean hasMoreThanItsPart() {
      return hasMoreThanItsPart;
    }

    @Override
    public void look() {
      seen = kept;
    }

    @Override
    public long behindGaps() {
      return seen;
    }

    @Override
    public void cutOff() {
      end.setSuccess(null);
    }

    @Override
    public void refuseHandshake() {
      refusals++;
    }
  }

  @Test
  void aHandshakeHasAnEndButWhatFollowsItHasNone() {
    var client = new Client(1);
    client.keeps = 0;

    assertThat(client.shakesHands(100)).isEqualTo(GapGuard.MOST_OF_HANDSHAKE / DATAGRAM);
    assertThat(client.refusals).isEqualTo(1);
    assertThat(client.sends(1_000, 1_000)).isEqualTo(1_000);
  }

  @Test
  void connectionsOfOneAddressHaveAHandshakeEach() {
    var first = new Client(1);
    first.shakesHands(10);
    var second = new Client(1);

    assertThat(second.shakesHands(20)).isEqualTo(20);
    first.end.setSuccess(null);
    assertThat(second.shakesHands(100)).isLessThan(10);
    assertThat(first.refusals).isZero();
    assertThat(second.refusals).isEqualTo(1);
  }

  @Test
  void nobodyGoesOnWithTheHandshakeOfAnother() {
    var stranger = new InetSocketAddress("203.0.113.9", 2);

    assertThat(isTaken(OF_HANDSHAKE, stranger)).isFalse();
    assertThat(isTaken(new byte[DATAGRAM], stranger)).isTrue();
  }

  @Test
  void whoseBytesAreHandedOnMaySendAsMuchAsHeLikes() {
    var client = new Client(1);
    client.keeps = 0;

    assertThat(client.sends(20_000, 10_000)).isEqualTo(20_000);
    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void whoHasTooMuchBehindGapsLosesMostOfWhatComes() {
    var client = new Client(1);

    client.sends(OF_ONE / DATAGRAM + 200, 1_000);
    var through = client.sends(4_000, 1_000);

    assertThat(through).isBetween(900, 1_100);
    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void whatAReaderIsAboutToTakeCostsNobodyADatagram() {
    var client = new Client(1);
    var burst = OF_ONE / DATAGRAM + 200;

    assertThat(client.sends(burst, 50)).isEqualTo(burst);
    client.bringsWhatWasMissing();
    assertThat(client.sends(burst, 50)).isEqualTo(burst);
  }

  @Test
  void whoFillsHisGapsIsHeardAgain() {
    var client = new Client(1);
    client.sends(OF_ONE / DATAGRAM + 200, 1_000);
    assertThat(client.sends(100, 100)).isLessThan(50);

    client.bringsWhatWasMissing();
    client.keeps = 0;
    client.sends(100, 100);

    assertThat(client.sends(20_000, 10_000)).isEqualTo(20_000);
    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void whoKeepsThemOpenIsCutOff() {
    var client = new Client(1);
    client.sends(OF_ONE / DATAGRAM + 200, 1_000);

    client.sends(400, 4_000);
    assertThat(client.isCutOff()).isFalse();
    client.sends(400, 4_000);

    assertThat(client.isCutOff()).isTrue();
  }

  /** On a line that always loses something there is always a gap, but never the same. */
  @Test
  void whoFillsThemNowAndThenIsNot() {
    var client = new Client(1);
    for (int i = 0; i < 20; i++) {
      client.sends(OF_ONE / DATAGRAM + 200, 3_000);
      client.bringsWhatWasMissing();
      client.sends(400, 10);
    }
    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void allHaveAPartWhenTogetherTheyHaveTooMuch() {
    var one = new Client(1);
    var other = new Client(2);
    var third = new Client(3);
    one.sends(OF_ONE / DATAGRAM - 100, 1_000);
    other.sends(OF_ONE / DATAGRAM - 100, 1_000);
    third.sends(700, 100);

    assertThat(third.sends(400, 400)).isEqualTo(400);
    assertThat(one.sends(800, 800)).isLessThan(400);
  }

  /** Also those who send nothing any more, but not who has come only now. */
  @Test
  void whoHasKeptThemOpenMakesRoomForOthers() {
    var holders = new Client[] {new Client(1), new Client(2)};
    for (var holder : holders) {
      holder.sends(OF_ONE / DATAGRAM - 100, 1_000);
    }
    clock.advance(5, TimeUnit.SECONDS);
    var newcomer = new Client(3);

    newcomer.sends(MOST / 2 / DATAGRAM, 1_000);

    assertThat(holders).allMatch(Client::isCutOff);
    assertThat(newcomer.isCutOff()).isFalse();
    assertThat(newcomer.sends(100, 100)).isEqualTo(100);
  }

  @Test
  void whoHasLessThanHisPartIsLeftAloneWhenAnotherHasTooMuch() {
    var modest = new Client(1);
    modest.sends(600, 1_000);
    var client = new Client(2);
    client.sends(OF_ONE / DATAGRAM + 200, 1_000);

    client.sends(800, 8_000);

    assertThat(client.isCutOff()).isTrue();
    assertThat(modest.isCutOff()).isFalse();
  }

  @Test
  void whoWasQuietForLongHasHisTimeWhenMemoryIsShort() {
    var holders = List.of(new Client(1), new Client(2), new Client(40));
    var quiet = new Client(3);
    IntStream.range(4, 40).forEach(Client::new);
    clock.advance(1, TimeUnit.MINUTES);

    quiet.sends(60, 10);
    holders.forEach(holder -> holder.sends(OF_ONE / DATAGRAM, 1_000));

    assertThat(quiet.isCutOff()).isFalse();
  }

  @Test
  void whoseReadersHaveOthersMemoryLosesMostOfWhatComes() {
    var client = new Client(1);
    client.keeps = 0;
    client.hasMoreThanItsPart = true;
    client.sends(200, 1_000);

    assertThat(client.sends(400, 400)).isBetween(90, 110);
    client.hasMoreThanItsPart = false;
    client.sends(100, 100);

    assertThat(client.sends(400, 400)).isEqualTo(400);
    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void whoseReadersKeepItIsCutOff() {
    var client = new Client(1);
    client.keeps = 0;
    client.hasMoreThanItsPart = true;

    client.sends(900, 9_000);
    assertThat(client.isCutOff()).isFalse();
    client.sends(400, 2_000);

    assertThat(client.isCutOff()).isTrue();
  }

  @Test
  void whoWasQuietForLongHasHisTimeWithReadersThatKeepIt() {
    var client = new Client(1);
    client.keeps = 0;
    clock.advance(1, TimeUnit.MINUTES);
    client.hasMoreThanItsPart = true;

    client.sends(900, 9_000);

    assertThat(client.isCutOff()).isFalse();
  }

  @Test
  void onlyWhatComesThroughHasArrived() {
    var client = new Client(1);
    client.sends(OF_ONE / DATAGRAM + 200, 1_000);
    client.arrived = 0;

    var through = client.sends(400, 400);

    assertThat(client.arrived).isEqualTo((long) through * DATAGRAM).isPositive();
  }

  @Test
  void strangersAreNoneOfItsBusiness() {
    var client = new Client(1);
    client.sends(OF_ONE / DATAGRAM + 200, 1_000);
    client.sends(100, 200);

    var stranger = new DatagramPacket(Unpooled.EMPTY_BUFFER, SELF, SELF);
    assertThat(socket.writeInbound(stranger)).isTrue();
  }

  @Test
  void whoHasLeftHasNoPartAnyMore() {
    for (int i = 0; i < 20; i++) {
      new Client(100 + i).end.setSuccess(null);
    }
    allHaveAPartWhenTogetherTheyHaveTooMuch();
  }

  @Test
  void whatAClosedConnectionHadIsForgotten() {
    for (int i = 0; i < 20; i++) {
      var client = new Client(1 + i % 2);
      client.sends(OF_ONE / DATAGRAM - 100, 1_000);
      client.end.setSuccess(null);
    }
    var client = new Client(1);
    var others = Stream.of(2, 3, 4, 5).map(Client::new).toList();

    assertThat(client.sends(OF_ONE / DATAGRAM - 100, 1_000)).isEqualTo(OF_ONE / DATAGRAM - 100);
    assertThat(others).noneMatch(Client::isCutOff);
  }
}
