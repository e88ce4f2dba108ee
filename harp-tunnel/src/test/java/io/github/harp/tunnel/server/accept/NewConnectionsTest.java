// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.carrier.TcpCarrier;
import io.github.harp.tunnel.server.LoginBans;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelLimits;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.accept.Connection.Stage;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NewConnectionsTest {

  private static final int IN_TOTAL = 6;
  private static final int MANY = 128;
  private static final int PER_ADDRESS = 4;
  private static final int PER_BANNED_ADDRESS = 2;
  private static final InetAddress BANNED = address("203.0.113.99");

  private NewConnections connections = atMost(IN_TOTAL);

  private static NewConnections atMost(int inTotal) {
    return new NewConnections(
        new TunnelLimits.Newcomers(inTotal, PER_ADDRESS, PER_BANNED_ADDRESS),
        new LoginBans() {
          @Override
          public boolean isBanned(InetAddress address) {
            return address.equals(BANNED);
          }

          @Override
          public void recordFailure(InetAddress address, String reason) {}
        });
  }

  private final List<Connection> all = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  private final TunnelListener listener =
      new TunnelListener() {
        @Override
        public void refused(InetSocketAddress address, RefusalCode code, String reason) {
          refusals.add(reason);
        }
      };

  @Test
  @DisplayName("S9: a newcomer takes the place of the oldest silent connection of its address")
  void s9_aNewcomerTakesThePlaceOfTheOldestSilentOne() {
    var other = accept("203.0.113.8");
    var held = accept("203.0.113.7", PER_ADDRESS);

    var newcomer = accept("203.0.113.7");

    assertOpen(other, held.get(1), held.get(2), held.get(3), newcomer);
    assertThat(isOpen(held.get(0))).isFalse();
    assertThat(refusals).singleElement().asString().contains("not logged in");
    assertThat(connections.count()).isEqualTo(PER_ADDRESS + 1);
  }

  /** Its handshake fails then, which looked as if it did not trust the server's certificate. */
  @Test
  void whatFailsOfOneThatHasMadeRoomIsNotTold() {
    var held = accept("203.0.113.7", PER_ADDRESS);
    accept("203.0.113.7");
    assertThat(isOpen(held.get(0))).isFalse();

    held.get(0).refused(RefusalCode.SERVER_CERTIFICATE, "the client left");

    assertThat(refusals).singleElement().asString().contains("not logged in");
  }

  @Test
  @DisplayName("S9: of a banned address there are few, and newcomers take their places, too")
  void s9_ofABannedAddressThereAreFew() {
    var held = accept(BANNED.getHostAddress(), PER_BANNED_ADDRESS);

    var newcomer = accept(BANNED.getHostAddress());

    assertOpen(held.get(1), newcomer);
    assertThat(connections.count()).isEqualTo(PER_BANNED_ADDRESS);
  }

  @Test
  @DisplayName("S9: who has come furthest stays, and one that does not move goes for it")
  void s9_whoHasComeFurthestStays() {
    var held = accept("203.0.113.7", PER_ADDRESS);
    held.get(0).reached(Stage.SECURE);
    held.get(1).reached(Stage.SPEAKING);
    held.get(2).loginFailed();
    held.get(3).beginLogin();

    var newcomers = accept("203.0.113.7", 2);

    assertOpen(held.get(0), held.get(1), held.get(3), newcomers.get(1));
    newcomers.get(1).reached(Stage.SPEAKING);
    accept("203.0.113.7");
    assertThat(isOpen(held.get(1))).as("the oldest of those that only spoke").isFalse();
  }

  @Test
  @DisplayName("S9: who speaks before its turn has come stays, and another goes")
  void s9_whoSpeaksInTimeStays() {
    var held = accept("203.0.113.7", PER_ADDRESS);
    var newcomer = admit("203.0.113.7");
    held.get(0).reached(Stage.SPEAKING);

    runTasks(held);

    assertOpen(held.get(0), held.get(2), held.get(3), newcomer);
    assertThat(isOpen(held.get(1))).isFalse();
    assertThat(connections.count()).isEqualTo(PER_ADDRESS);
  }

  @Test
  @DisplayName("S9: a login that is through before its turn has come stays, and counts no longer")
  void s9_whoLogsInInTimeStays() {
    var held = accept("203.0.113.7", PER_ADDRESS);
    admit("203.0.113.7");
    held.get(0).known(1);

    runTasks(held);

    assertThat(held).allMatch(NewConnectionsTest::isOpen);
    assertThat(connections.count()).isEqualTo(PER_ADDRESS);
  }

  @Test
  @DisplayName("S9: a flood from many addresses takes the places of those that nobody knows")
  void s9_aFloodFromManyAddressesTakesThePlacesOfStrangers() {
    accept("203.0.113.7").known(1);
    var workConnection = accept("203.0.113.7");

    for (int i = 0; i < 3 * IN_TOTAL; i++) {
      accept("198.51.100." + i);
    }

    assertOpen(workConnection);
    assertThat(all).filteredOn(NewConnectionsTest::isOpen).hasSize(IN_TOTAL + 1);
    assertThat(connections.count()).isEqualTo(IN_TOTAL);
  }

  @Test
  @DisplayName("S9: when all places are taken, the address that has most of them makes room")
  void s9_theAddressThatHasMostMakesRoom() {
    var alone = accept("203.0.113.9");
    var held = accept("203.0.113.7", PER_ADDRESS);
    held.forEach(one -> one.reached(Stage.SPEAKING));

    var newcomers = List.of(accept("203.0.113.8"), accept("203.0.113.10"));

    assertOpen(alone, held.get(1), held.get(2), held.get(3), newcomers.get(0), newcomers.get(1));
    assertThat(isOpen(held.get(0))).isFalse();
  }

  @Test
  @DisplayName("S9: however many one address opens at once, there is a limit in all")
  void s9_howeverManyOneAddressOpensAtOnceThereIsALimitInAll() {
    accept("203.0.113.7");

    for (int i = 0; i < 3 * IN_TOTAL; i++) {
      admit(BANNED.getHostAddress());
    }
    assertThat(connections.count()).as("for a moment").isEqualTo(IN_TOTAL);
    var newcomer = admit(BANNED.getHostAddress());
    runTasks(all);

    assertOpen(all.get(0), newcomer);
    assertThat(connections.count()).as("then").isEqualTo(1 + PER_BANNED_ADDRESS);
  }

  /** To find one takes a look at all, which is too much for each of a flood. */
  @Test
  void severalThatAreNoBetterMakeRoomTogether() {
    connections = atMost(MANY);
    var further = admit("198.51.100.0");
    further.reached(Stage.SPEAKING);
    for (int i = 1; i < MANY; i++) {
      admit("198.51.100." + i);
    }
    admit("203.0.113.7");
    runTasks(all);

    assertThat(connections.count()).isEqualTo(MANY - MANY / 64);
    assertOpen(further);
    assertThat(isOpen(all.get(1))).isFalse();
    assertThat(isOpen(all.get(2))).isFalse();
    assertThat(isOpen(all.get(2 + MANY / 64))).isTrue();
  }

  @Test
  void whoIsBetterThanTheLeastOfAllStays() {
    connections = atMost(MANY);
    var silent = admit("203.0.113.7");
    for (int i = 1; i <= MANY; i++) {
      var newcomer = admit("198.51.100." + i);
      newcomer.reached(Stage.SPEAKING);
    }
    runTasks(all);

    assertThat(isOpen(silent)).isFalse();
    assertThat(connections.count()).isEqualTo(MANY);
  }

  @Test
  void countsNoLongerAfterTheEnd() {
    var ended = accept("203.0.113.7");
    accept("203.0.113.7");

    ended.close();

    assertThat(connections.count()).isOne();
  }

  private List<Connection> accept(String address, int count) {
    return Stream.generate(() -> accept(address)).limit(count).toList();
  }

  /** With all that follows from it. */
  private Connection accept(String address) {
    var accepted = admit(address);
    runTasks(all);
    return accepted;
  }

  private Connection admit(String address) {
    var admitted =
        new Connection(
            new EmbeddedChannel(),
            new InetSocketAddress(address(address), 40_000),
            connections,
            new Refusals(false, listener, System::nanoTime),
            new LoginPenalties(),
            Duration.ofMinutes(1));
    admitted.carry(TcpCarrier.server(admitted.channel(), new ChannelInboundHandlerAdapter()));
    all.add(admitted);
    return admitted;
  }

  /** Each has an event loop of its own. */
  private static void runTasks(List<Connection> some) {
    for (var one : some) {
      var channel = (EmbeddedChannel) one.channel();
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runPendingTasks();
      channel.runScheduledPendingTasks();
    }
  }

  private static boolean isOpen(Connection connection) {
    return connection.channel().isOpen();
  }

  private static void assertOpen(Connection... some) {
    assertThat(some).allMatch(NewConnectionsTest::isOpen);
  }

  @Test
  @DisplayName("W29 IPv6 addresses of one /64 count as one, mapped ones as IPv4")
  void w29_ipv6AddressesCountByTheirPrefix() throws Exception {
    assertThat(Subscriber.of(address("2001:db8:0:1::1")))
        .isEqualTo(Subscriber.of(address("2001:db8:0:1:ffff::2")));
    assertThat(Subscriber.of(address("2001:db8:0:1::1")))
        .isNotEqualTo(Subscriber.of(address("2001:db8:0:2::1")));
    assertThat(Subscriber.of(address("::ffff:203.0.113.7")))
        .isEqualTo(Subscriber.of(address("203.0.113.7")));
    assertThat(Subscriber.of(address("203.0.113.7")))
        .isNotEqualTo(Subscriber.of(address("203.0.113.8")));
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
