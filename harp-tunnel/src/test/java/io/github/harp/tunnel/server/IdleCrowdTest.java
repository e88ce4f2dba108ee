// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that open streams and say nothing on them: each may have many, and all together few. */
class IdleCrowdTest extends ServerFixture {

  private static final int MOST = 1_024;
  private static final int MOST_WAITING = 4_096;

  private void startForFew() throws Exception {
    var patience = Duration.ofHours(1);
    var usual = Limits.of(new TunnelLimits.Times(patience, patience, patience, patience));
    start(
        options()
            .limits(
                new TunnelLimits(
                    usual.times(),
                    usual.newcomers(),
                    usual.perClient(),
                    usual.clients(),
                    4L * 1_024 * MOST)));
  }

  @Test
  void manyStreamsOfManyClientsAreNotKeptAndThoseOfOthersAre() throws Exception {
    startForFew();
    var other = client().loggedIn(KEY).withTcp("app", 23_000);
    var parked = other.openWork();
    await().until(() -> server.status().sessions().get(0).idle() == 1);
    var crowd = new ArrayList<FrpPeer>();
    var silent = new ArrayList<FrpPeer.Stream>();

    for (int i = 0; i < 6; i++) {
      crowd.add(client().loggedIn(KEY));
      for (int stream = 0; stream < 200; stream++) {
        silent.add(crowd.get(i).openStream().sendRaw(new byte[] {'w'}));
      }
    }

    await().until(() -> silent.stream().filter(FrpPeer.Stream::isOpen).count() <= MOST);
    assertThat(silent.get(0).isOpen()).isFalse();
    assertThat(silent.get(silent.size() - 1).isOpen()).isTrue();
    assertThat(parked.isOpen()).isTrue();
    assertThat(crowd).extracting(FrpPeer::control).allMatch(FrpPeer.Stream::isOpen);
  }

  @Test
  void visitorsForWhomNobodyComesWaitInsteadOfOthersOnlyAsLongAsThereIsRoom() throws Exception {
    startForFew();
    var owner = client().loggedIn(KEY);
    assertThat(owner.propose(proxy("secret", "stcp", 0)).error()).isEmpty();
    var waiting = new ArrayList<FrpPeer.Stream>();

    for (int i = 0; i < 6; i++) {
      var visitor = client().loggedIn(KEY);
      for (int visit = 0; visit < 200; visit++) {
        waiting.add(
            visitor
                .openStream()
                .send(
                    new NewVisitorConn(
                        visitor.runId(), "secret", PrivilegeKey.of("sk", 5), 5, false, false)));
      }
    }

    await().until(() -> waiting.stream().filter(FrpPeer.Stream::isOpen).count() <= MOST);
    assertThat(waiting.get(0).isOpen()).isFalse();
    assertThat(waiting.get(waiting.size() - 1).isOpen()).isTrue();
  }

  @Test
  void usersWhoHaveLeftDoNotWaitAnyMore() throws Exception {
    startForFew();
    var client = client().loggedIn(KEY).withTcp("app", 23_000);
    var served = dial(23_000);
    client.openWork();
    served.get(30, TimeUnit.SECONDS);
    for (int i = 0; i < MOST_WAITING; i++) {
      dial(23_000).cancel(false);
    }

    var user = dial(23_000);
    client.openWork();

    assertThat(user.get(30, TimeUnit.SECONDS).isActive()).isTrue();
  }
}
