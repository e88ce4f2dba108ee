// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Clients of two realms on one server")
class RealmsTest extends ServerFixture {

  private static final int CLIENTS = 4;

  /** Who shows {@code red key} has the key of the realm red, who shows {@code red app} a token. */
  private static final class RealmAndName implements TunnelAuthenticator {
    @Override
    public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
      var shown = login.metas().get("token").split(" ");
      var identity =
          shown[1].equals("key")
              ? TunnelIdentity.shared(shown[1])
              : TunnelIdentity.exclusive(shown[1]);
      return CompletableFuture.completedFuture(new LoginDecision.Accept(identity.in(shown[0])));
    }

    @Override
    public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
      return CompletableFuture.completedFuture(new ProxyDecision.Allow(true));
    }
  }

  @BeforeEach
  void start() throws Exception {
    start(options().limits(Limits.clients(CLIENTS)).authenticator(new RealmAndName()));
  }

  private FrpPeer client(String shown) throws Exception {
    return client().loggedIn(shown);
  }

  /** Who has a port, as one is told who wants another. */
  private String holder(String realm, int port) throws Exception {
    var refused = server.dial(realm, port, loops.next(), anybody -> false);
    return refused.await().cause().getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "app"})
  void haveTheSamePortAndNameAtOnce(String who) throws Exception {
    client("red " + who).withTcp("app", 23_000);
    client("blue " + who).withTcp("app", 23_000);

    await().untilAsserted(() -> assertThat(holder("red", 23_000)).contains(who + " of red"));
    await().untilAsserted(() -> assertThat(holder("blue", 23_000)).contains(who + " of blue"));
    assertThat(holder("", 23_000)).contains("no client has opened it");
    assertThat(holder("green", 23_000)).contains("no client has opened it");
    assertThat(OpenPorts.has(server, 23_000)).isFalse();
  }

  @Test
  void noneIsPushedOutByTheOther() throws Exception {
    var red = client("red app").withTcp("app", 23_000);
    client("blue owner").withTcp("app", 23_000);

    assertThat(client("blue app").propose(NewProxy.tcp("app", 23_000, false, false)).error())
        .as("it replaced the other one of its own realm")
        .isEmpty();
    assertThat(holder("red", 23_000)).contains("app of red");
    assertThat(red.control().isOpen()).isTrue();
  }

  @Test
  void aRunIdIsWorthNothingInTheOther() throws Exception {
    var red = client("red app").withTcp("app", 23_000);

    var thief = FrpPeer.connect(address, loops).withRunId(red.runId()).loggedIn("blue app");

    assertThat(thief.runId()).isNotEqualTo(red.runId());
    assertThat(red.control().isOpen()).isTrue();
  }

  @Test
  void oneThatLeavesFreesItsOwnPortOnly() throws Exception {
    var red = client("red app").withTcp("app", 23_000);
    client("blue app").withTcp("app", 23_000);

    red.close();

    await().untilAsserted(() -> assertThat(holder("red", 23_000)).contains("no client has opened"));
    assertThat(holder("blue", 23_000)).contains("app of blue");
  }

  @Test
  void oneMayHaveHalfOfThePlacesForClients() throws Exception {
    client("red key");
    client("red key");

    assertThat(FrpPeer.connect(address, loops).login("red key").error())
        .contains("as many clients as it can take");
    client("blue key");
    client("blue key");
    assertThat(FrpPeer.connect(address, loops).login("green key").error())
        .contains("as many clients as it can take");
  }
}
