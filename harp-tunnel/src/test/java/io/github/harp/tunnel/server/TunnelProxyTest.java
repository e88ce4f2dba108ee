// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.frp.ClientMessage.CloseProxy;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which proxies a client may open, and whose stay open, seen from its side of the wire. */
class TunnelProxyTest extends ServerFixture {

  @Test
  void aPortIsOpenAfterNewProxyAndGoneAfterCloseProxy() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY);

    assertThat(peer.propose(NewProxy.tcp("app", 23_001, false, false)).remoteAddr())
        .isEqualTo(":23001");
    awaitOpen(23_001);

    peer.control().send(new CloseProxy("app"));
    await().until(() -> !OpenPorts.has(server, 23_001));
    assertThat(events.heard)
        .containsExactly(
            "connected shared key", "opened app 23001", "closed app: closed by the client");
  }

  @Test
  void refusalsSayWhy() throws Exception {
    start(options());
    client().loggedIn(KEY).withTcp("taken", 23_000);
    FrpPeer peer = client().loggedIn(KEY);

    assertThat(peer.propose(NewProxy.tcp("app", 80, false, false)).error())
        .contains("port not allowed")
        .contains("23000-23999");
    assertThat(peer.propose(NewProxy.tcp("taken", 23_001, false, false)).error())
        .isEqualTo("proxy [taken] already exists");
    assertThat(peer.propose(NewProxy.tcp("app", 23_000, false, false)).error())
        .contains("port already used");
    assertThat(peer.propose(proxy("app", "udp", 23_001)).error())
        .contains("proxy type [udp]")
        .contains("[tcp, stcp, xtcp]");
    assertThat(peer.propose(NewProxy.tcp("", 23_001, false, false)).error()).contains("name");
    assertThat(events.heard)
        .anyMatch(
            heard -> heard.matches("refused: client #2 .*may not open \\[app].*not allowed.*"));
    assertThat(peer.propose(NewProxy.tcp("app", 23_001, false, false)).error()).isEmpty();
    assertThat(peer.propose(NewProxy.tcp("more", 23_002, false, false)).error())
        .contains("exceed the max_ports_per_client");
  }

  @Test
  void aClientThatDoesNotNameAPortGetsAFreeOne() throws Exception {
    start(options().ports(new PortRange(23_000, 23_001)));
    client().loggedIn(KEY).withTcp("one", 23_000);

    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("two", 0, false, false)).remoteAddr())
        .isEqualTo(":23001");
    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("three", 0, false, false)).error())
        .isEqualTo("no available port");
  }

  @Test
  @DisplayName("W15 the authenticator decides about name and port of every proxy")
  void w15_theAuthenticatorDecidesAboutEveryProxy() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer peer = client().loggedIn("app:23005");

    assertThat(peer.propose(NewProxy.tcp("other", 23_005, false, false)).error())
        .isEqualTo("not yours");
    assertThat(peer.propose(NewProxy.tcp("app", 24_000, false, false)).error())
        .isEqualTo("not yours");
    assertThat(peer.propose(NewProxy.tcp("app", 23_005, false, false)).error()).isEmpty();
  }

  // ---- replacement

  @Test
  void aReconnectingClientTakesOverItsOldSession() throws Exception {
    start(options());
    FrpPeer old = client().loggedIn(KEY).withTcp("app", 23_000);

    FrpPeer again = client().withRunId(old.runId()).loggedIn(KEY).withTcp("app", 23_000);

    old.control().expectEnd();
    assertThat(again.runId()).isEqualTo(old.runId());
    awaitOpen(23_000);
  }

  @Test
  void theSameCredentialOfItsOwnReplacesTheOlderSessionAtOnce() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer old = client().loggedIn("app:23005").withTcp("app", 23_005);

    client().loggedIn("app:23005").withTcp("app", 23_005);

    old.control().expectEnd();
  }

  @Test
  void aNameHeldByADeadSelfIsFreedAtOnce() throws Exception {
    start(options());
    FrpPeer old = client().loggedIn(KEY).withTcp("engine", 24_001);
    old.connection().config().setAutoRead(false);

    FrpPeer restarted = client().loggedIn(KEY);

    assertThat(restarted.propose(NewProxy.tcp("engine", 24_001, false, false)).error()).isEmpty();
    assertThat(server.status().sessions()).hasSize(1);
  }

  @Test
  void aNameHeldByALivingClientIsNotTaken() throws Exception {
    start(options());
    FrpPeer holder = client().loggedIn(KEY).withTcp("engine", 24_001);

    assertThat(client().loggedIn(KEY).propose(NewProxy.tcp("engine", 24_001, false, false)).error())
        .contains("already exists");
    assertThat(holder.control().isOpen()).isTrue();
  }

  @Test
  @DisplayName("S12: whose credential is its own has names of its own")
  void s12_nobodySquatsOnTheNameOfAnother() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer squatter = client().loggedIn("any:23006").withTcp("app", 23_006);

    client().loggedIn("app:23005").withTcp("app", 23_005);
    awaitOpen(23_005);
    awaitOpen(23_006);

    squatter.control().send(new CloseProxy("app"));
    await().until(() -> !OpenPorts.has(server, 23_006));
    assertThat(OpenPorts.has(server, 23_005)).isTrue();
  }

  @Test
  @DisplayName("S12: a client to whom the port belongs replaces one of another identity")
  void s12_whomThePortBelongsToReplacesAnother() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer squatter = client().loggedIn("any:23005").withTcp("app", 23_005);

    client().loggedIn("owner:23005").withTcp("app", 23_005);
    squatter.control().expectEnd();

    assertThat(
            client()
                .loggedIn("any:23005")
                .propose(NewProxy.tcp("app", 23_005, false, false))
                .error())
        .as("and is not replaced")
        .isEqualTo("port already used: 23005");
  }

  @Test
  @DisplayName("S12: a dead client of another identity does not hold a port either")
  void s12_aDeadClientOfAnotherIdentityHoldsNoPort() throws Exception {
    start(options().authenticator(new OnlyItsPort()));
    FrpPeer dead = client().loggedIn("app:23005").withTcp("app", 23_005);
    dead.connection().config().setAutoRead(false);

    assertThat(
            client()
                .loggedIn("any:23005")
                .propose(NewProxy.tcp("app", 23_005, false, false))
                .error())
        .isEmpty();
  }

  @Test
  void aForeignRunIdIsNotTakenOver() throws Exception {
    start(options().authenticator(new OnlyItsOwn()));
    FrpPeer victim = client().loggedIn("app:23005").withTcp("app", 23_005);

    FrpPeer thief = client().withRunId(victim.runId()).loggedIn("thief:23006");

    assertThat(thief.runId()).isNotEqualTo(victim.runId());
    awaitOpen(23_005);
    assertThat(victim.control().isOpen()).isTrue();
  }

  @Test
  void aClientThatLeavesFreesItsPorts() throws Exception {
    start(options());
    FrpPeer peer = client().loggedIn(KEY).withTcp("app", 23_000);
    awaitOpen(23_000);

    peer.close();

    await().until(() -> !OpenPorts.has(server, 23_000));
    assertThat(events.heard).last().asString().startsWith("disconnected shared key");
    assertThat(server.status().sessions()).isEmpty();
  }
}
