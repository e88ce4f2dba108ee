// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.LoginBans;
import io.github.harp.tunnel.TunnelLimits;
import io.github.harp.tunnel.server.accept.NewConnections.Place;
import io.github.harp.tunnel.server.accept.NewConnections.Stage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NewConnectionsTest {

  private NewConnections connections = new NewConnections(TunnelLimits.defaults(), nobody());
  private final List<Place> places = new ArrayList<>();

  private final List<String> turnedAway = new ArrayList<>();

  @Test
  void admitsAsManyPerAddressAsAllowed() throws Exception {
    int most = TunnelLimits.defaults().newConnectionsPerAddress();
    for (int i = 0; i < most; i++) {
      assertThat(admit("203.0.113.7", "deciding " + i)).isNotNull();
    }
    places.forEach(place -> place.reached(Stage.DECIDING));

    assertThat(admit("203.0.113.7", "newcomer")).isNull();
    assertThat(admit("203.0.113.8", "neighbour")).isNotNull();
    assertThat(connections.count()).isEqualTo(most + 1);
    assertThat(turnedAway).isEmpty();
  }

  @Test
  @DisplayName(
      "S9: a newcomer takes the place of the one that has come least far, the oldest first")
  void s9_aNewcomerTakesThePlaceOfTheOneThatHasComeLeastFar() throws Exception {
    connections = new NewConnections(TunnelLimits.defaults().withNewConnections(9, 5, 1), nobody());
    admit("203.0.113.7", "deciding").reached(Stage.DECIDING);
    admit("203.0.113.7", "speaking").reached(Stage.SPEAKING);
    admit("203.0.113.7", "older silent");
    admit("203.0.113.7", "silent");
    admit("203.0.113.7", "failed").reached(Stage.FAILED);

    for (int i = 0; i < 4; i++) {
      admit("203.0.113.7", "newcomer").reached(Stage.DECIDING);
    }
    assertThat(admit("203.0.113.7", "one too many")).isNull();

    assertThat(turnedAway).containsExactly("failed", "older silent", "silent", "speaking");
    assertThat(connections.count()).isEqualTo(5);
  }

  @Test
  @DisplayName("S9: when all places are taken, the address that has most of them makes room")
  void s9_theAddressThatHasMostMakesRoom() throws Exception {
    connections = new NewConnections(TunnelLimits.defaults().withNewConnections(4, 3, 1), nobody());
    admit("203.0.113.9", "alone");
    admit("203.0.113.7", "first of three");
    admit("203.0.113.7", "second of three");
    admit("203.0.113.7", "third of three");

    assertThat(admit("203.0.113.8", "newcomer")).isNotNull();

    assertThat(turnedAway).containsExactly("first of three");
    assertThat(connections.count()).isEqualTo(4);
  }

  @Test
  void countsNoLongerAfterTheEndWhichMayBeToldTwice() throws Exception {
    Place end = admit("203.0.113.7", "one");
    admit("203.0.113.7", "another");

    end.leave();
    end.leave();

    assertThat(connections.count()).isOne();
  }

  /** Null when there was no room even so. */
  private Place admit(String from, String name) throws Exception {
    Place place = connections.admit(address(from), () -> turnedAway.add(name));
    if (place == null) {
      return null;
    }
    places.add(place);
    return place;
  }

  private static LoginBans nobody() {
    return LoginBans.none();
  }

  @Test
  @DisplayName("W29 IPv6 addresses of one /64 count as one, mapped ones as IPv4")
  void w29_ipv6AddressesCountByTheirPrefix() throws Exception {
    assertThat(AddressGroup.of(address("2001:db8:0:1::1")))
        .isEqualTo(AddressGroup.of(address("2001:db8:0:1:ffff::2")));
    assertThat(AddressGroup.of(address("2001:db8:0:1::1")))
        .isNotEqualTo(AddressGroup.of(address("2001:db8:0:2::1")));
    assertThat(AddressGroup.of(address("::ffff:203.0.113.7")))
        .isEqualTo(AddressGroup.of(address("203.0.113.7")));
    assertThat(AddressGroup.of(address("203.0.113.7")))
        .isNotEqualTo(AddressGroup.of(address("203.0.113.8")));
  }

  private static InetAddress address(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }
}
