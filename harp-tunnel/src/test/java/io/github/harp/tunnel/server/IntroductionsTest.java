// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleClient;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleReport;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers of xtcp proxies that are not what they should be. */
class IntroductionsTest extends ServerFixture {

  private static final List<String> MAPPED = List.of("192.0.2.1:4000", "192.0.2.1:4000");
  private static final List<String> NONE = List.of();

  private XtcpPeers peers;

  @BeforeEach
  void come() throws Exception {
    start(options());
    peers = XtcpPeers.of("bulk", address, loops, KEY);
  }

  @AfterEach
  void leave() {
    peers.close();
  }

  private static NatHoleVisitor firstLook(String proxy) {
    return new NatHoleVisitor("look", proxy, true, "", "", 0, NONE, NONE);
  }

  @Test
  void whoLooksFirstIsToldWhetherHeMayCome() throws Exception {
    assertThat(peers.ask(firstLook("bulk")).error()).isEmpty();
    assertThat(peers.ask(firstLook("other")).error())
        .isEqualTo("xtcp server for [other] doesn't exist");
  }

  @Test
  void aUserWhoIsNotMeantIsRefusedThoughHeDoesNotLookFirst() throws Exception {
    var stranger = FrpPeer.connect(address, loops);
    stranger.login(
        KEY,
        login ->
            new Login(
                login.version(),
                login.hostname(),
                login.os(),
                login.arch(),
                "mallory",
                login.privilegeKey(),
                login.timestamp(),
                login.runId(),
                login.clientId(),
                login.metas(),
                login.clientSpec(),
                login.poolCount()));
    for (var visit : List.of(firstLook("bulk"), peers.visit(MAPPED, NONE))) {
      stranger.control().send(visit);
      assertThat(stranger.control().expectNext(NatHoleResp.class).error())
          .isEqualTo("xtcp visitor user [mallory] not allowed for [bulk]");
    }
    stranger.close();
  }

  @Test
  void aWrongSignatureAndAnUnknownProtocolAreRefused() throws Exception {
    var sign = PrivilegeKey.of("guess", 5);
    assertThat(
            peers
                .ask(new NatHoleVisitor("1", "bulk", false, "quic", sign, 5, MAPPED, NONE))
                .error())
        .isEqualTo("xtcp connection of [bulk] auth failed");
    var right = PrivilegeKey.of(XtcpPeers.SECRET, 5);
    assertThat(
            peers
                .ask(new NatHoleVisitor("2", "bulk", false, "smtp", right, 5, MAPPED, NONE))
                .error())
        .isEqualTo("protocol [smtp]; expected one of [quic, kcp]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "192.0.2.1",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:1x",
        "example.com:80",
        "0.0.0.0:80",
        "224.0.0.1:80",
        "255.255.255.255:80",
        "[ff02::1]:80",
        "1:2",
      })
  void addressesThatLeadToNoPeerAreRefused(String wrong) throws Exception {
    assertThat(peers.ask(peers.visit(List.of("192.0.2.1:4000", wrong), NONE)).error())
        .startsWith("address [" + wrong + "]; expected");
    assertThat(peers.ask(peers.visit(MAPPED, List.of(wrong))).error()).startsWith("address [");
  }

  @Test
  void tooFewAndTooManyAddressesAreRefused() throws Exception {
    assertThat(peers.ask(peers.visit(List.of("192.0.2.1:4000"), NONE)).error())
        .isEqualTo("not enough addresses: 1 as seen from outside; expected 2");
    assertThat(peers.ask(peers.visit(MAPPED, Collections.nCopies(11, "10.0.0.1:1"))).error())
        .isEqualTo("too many addresses: 11; expected up to 10");
  }

  @Test
  void whoCouldNotMeetIsCountedWithWhereTheyWere() throws Exception {
    var sid = peers.begin(peers.visit(MAPPED, NONE));
    var owner = peers.owner().control();
    owner.send(peers.answer(sid, MAPPED, NONE));
    owner.expectNext(NatHoleResp.class);
    for (var i = 0; i < 2; i++) {
      owner.send(new NatHoleReport(sid, false));
    }
    owner.send(peers.answer("none", MAPPED, NONE));
    owner.expectNext(NatHoleResp.class);

    var said = server.status().introductions();
    assertThat(said.missed()).isEqualTo(1);
    assertThat(said.met()).isZero();
    assertThat(said.lastMiss())
        .startsWith("[bulk]: the owner at ")
        .contains("(a NAT that shows all the same address), the visitor at ");
  }

  @Test
  void onlyTheOwnerAnswersAndReportsAndEachOnce() throws Exception {
    var sid = peers.begin(peers.visit(MAPPED, NONE));
    var thief = peers.visitor().control();
    thief.send(peers.answer(sid, MAPPED, NONE));
    assertThat(thief.expectNext(NatHoleResp.class).error()).contains("no visitor is waiting");

    var owner = peers.owner().control();
    owner.send(new NatHoleClient("x", "other", sid, MAPPED, NONE));
    assertThat(owner.expectNext(NatHoleResp.class).error()).contains("no visitor is waiting");
    owner.send(peers.answer(sid, MAPPED, NONE));
    assertThat(owner.expectNext(NatHoleResp.class).error()).isEmpty();
    owner.send(peers.answer(sid, MAPPED, NONE));
    assertThat(owner.expectNext(NatHoleResp.class).error()).contains("no visitor is waiting");

    thief.send(new NatHoleReport(sid, true));
    assertThat(peers.ask(firstLook("bulk")).sid()).as("told of the introduction").isEqualTo(sid);
    assertThat(peers.ask(firstLook("bulk")).error()).isEmpty();
    assertThat(server.status().introductions().met()).isZero();
    for (var i = 0; i < 2; i++) {
      owner.send(new NatHoleReport(sid, true));
    }
    owner.send(peers.answer("none", MAPPED, NONE));
    owner.expectNext(NatHoleResp.class);
    assertThat(server.status().introductions())
        .isEqualTo(new TunnelStatus.Introductions(1, 1, 1, 0, "", 0));
  }

  @Test
  void howeverManyVisitTheOwnerMayAnswerAndReport() throws Exception {
    for (var i = 1; i <= 180; i++) {
      var sid = peers.begin(peers.visit(MAPPED, NONE));
      peers.owner().control().send(peers.answer(sid, MAPPED, NONE));
      peers.owner().control().send(new NatHoleReport(sid, true));
      var reported = i;
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> server.status().introductions().met() == reported);
    }
  }

  @Test
  void anOwnerWithoutAddressesEndsTheVisitForBoth() throws Exception {
    var sid = peers.begin(peers.visit(MAPPED, NONE));
    peers.owner().control().send(peers.answer(sid, NONE, NONE));

    for (var peer : List.of(peers.owner(), peers.visitor())) {
      assertThat(peer.control().expectNext(NatHoleResp.class).error())
          .startsWith("not enough addresses");
    }
  }

  @Test
  void aVisitorHasAFewVisitsAtATime() throws Exception {
    for (var i = 0; i < 16; i++) {
      peers.visitor().control().send(peers.visit(MAPPED, NONE));
    }
    assertThat(peers.ask(peers.visit(MAPPED, NONE)).error()).startsWith("too many introductions");
  }

  @Test
  void anOwnerThatNeverReportsTakesNobodysPlace() throws Exception {
    var owner = peers.owner().control();
    var sids = new ArrayList<String>();
    for (var i = 0; i < 65; i++) {
      sids.add(peers.begin(peers.visit(MAPPED, NONE)));
      owner.send(peers.answer(sids.get(i), MAPPED, NONE));
    }
    await().until(() -> server.status().introductions().made() == sids.size());

    for (var sid : List.of(sids.get(0), sids.get(1), sids.get(64))) {
      owner.send(new NatHoleReport(sid, true));
    }
    await().until(() -> server.status().introductions().met() > 1);
    assertThat(server.status().introductions().met()).as("the first is forgotten").isEqualTo(2);
  }

  @Test
  void anOwnerThatNeverAnswersTakesNobodysPlace() throws Exception {
    for (var i = 0; i < 4; i++) {
      try (var visitor = FrpPeer.connect(address, loops).loggedIn(KEY)) {
        for (var k = 0; k < 16; k++) {
          visitor.control().send(peers.visit(MAPPED, NONE));
        }
        visitor.control().send(firstLook("bulk"));
        visitor.control().expectNext(NatHoleResp.class);
      }
    }

    assertThat(peers.ask(peers.visit(MAPPED, NONE)).error()).startsWith("too many introductions");
  }
}
