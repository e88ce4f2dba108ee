// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What guesses of a visitor's secret cost, and that they cost nobody else anything. */
class VisitorsSecretsTest extends ServerFixture {

  private static final String TOO_MANY = "too many wrong secrets of visitors from its address";

  /** From so many on the answer to one from the same address waits for three seconds. */
  private static final int SLOW = 12;

  private final Failures failures = new Failures(100);

  private FrpPeer owner() throws Exception {
    start(options().bans(failures));
    var owner = client().loggedIn(KEY);
    assertThat(owner.propose(proxy("secret", "stcp", 0)).error()).isEmpty();
    return owner;
  }

  private static FrpPeer.Stream visit(FrpPeer visitor, String proxy, String secret)
      throws Exception {
    var sign = PrivilegeKey.of(secret, 5);
    return visitor
        .openStream()
        .send(new NewVisitorConn(visitor.runId(), proxy, sign, 5, false, false));
  }

  private static String answer(FrpPeer.Stream visit) throws Exception {
    return visit.expect(NewVisitorConnResp.class).error();
  }

  @Test
  void aWrongSecretWithoutALoginCountsAndEndsTheConnection() throws Exception {
    owner();
    var guesser = client();

    var guess = visit(guesser, "secret", "guess");
    var another = visit(guesser, "secret", "another guess");

    another.expectEnd();
    assertThat(answer(guess)).contains("auth failed");
    assertThat(failures.recorded).hasSize(1).allMatch(InetAddress::isLoopbackAddress);
    await().until(() -> !guesser.connection().isOpen());
    assertThat(events.heard).noneMatch(heard -> heard.startsWith("disconnected"));
  }

  @Test
  void oneThatIsNotMultiplexedIsCountedAsWell() throws Exception {
    owner();

    var guess = visit(FrpPeer.withoutMux(address, loops), "secret", "guess");

    assertThat(answer(guess)).contains("auth failed");
    guess.expectEnd();
    assertThat(failures.recorded).hasSize(1);
  }

  @Test
  void aBannedOneIsToldSoAndTheRightSecretIsStillRight() throws Exception {
    start(options().bans(new Failures(0)));
    client().loggedIn(KEY).propose(proxy("secret", "stcp", 0));

    assertThat(answer(visit(client(), "secret", "guess"))).isEqualTo("banned");
    assertThat(answer(visit(client(), "secret", "sk"))).isEmpty();
  }

  @Test
  void whoSpeaksBeforeHeIsAnsweredIsNotHeard() throws Exception {
    owner();
    var guess = visit(client().loggedIn(KEY), "secret", "guess");

    guess.send(new NewVisitorConn("", "secret", PrivilegeKey.of("more", 5), 5, false, false));

    guess.expectEnd();
    assertThat(events.heard).filteredOn(heard -> heard.endsWith("auth failed")).hasSize(1);
  }

  @Test
  void aWrongSecretWaitsAndTheRightOneDoesNot() throws Exception {
    owner();
    var visitor = client().loggedIn(KEY);
    for (int i = 0; i < SLOW; i++) {
      visit(visitor, "secret", "guess");
    }

    var wrong = visit(visitor, "secret", "guess");
    var unknown = visit(visitor, "nothing", "guess");
    var right = visit(visitor, "secret", "sk");

    assertThat(answer(right)).isEmpty();
    assertThat(List.of(wrong.isAnswered(), unknown.isAnswered())).containsOnly(false);
    assertThat(answer(wrong)).contains("auth failed");
    assertThat(answer(unknown)).contains("doesn't exist");
    assertThat(failures.recorded).as("a client that is logged in").isEmpty();
  }

  @Test
  void tooManyWrongSecretsOfAClientEndItsSession() throws Exception {
    owner();
    var visitor = client().loggedIn(KEY);

    var sign = PrivilegeKey.of("guess", 5);
    var guess = new NewVisitorConn(visitor.runId(), "secret", sign, 5, false, false);
    for (int i = 0; i < 200; i++) {
      visitor.openStreamInBackground(guess, new ChannelInboundHandlerAdapter());
    }

    await().until(this::hasEnded);
    assertThat(failures.recorded).isEmpty();
    assertThat(server.status().sessions()).as("the owner's").hasSize(1);
  }

  private boolean hasEnded() {
    return events.heard.stream().anyMatch(heard -> heard.endsWith(TOO_MANY));
  }

  @Test
  void aNameThatIsNotThereYetNeitherBansNorEndsASession() throws Exception {
    owner();
    var stranger = client();
    var visitor = client().loggedIn(KEY);
    var visits = new ArrayList<FrpPeer.Stream>();

    visits.add(visit(stranger, "later", "sk"));
    for (int i = 0; i < 200; i++) {
      visits.add(visit(visitor, "later", "sk"));
    }

    for (var visit : visits) {
      assertThat(answer(visit)).contains("doesn't exist");
    }
    assertThat(failures.recorded).isEmpty();
    assertThat(answer(visit(visitor, "secret", "sk"))).isEmpty();
    assertThat(answer(visit(stranger, "secret", "sk"))).isEmpty();
  }

  @Test
  void aConnectionThatOnlyVisitsHasFewStreamsAndEndsWithItsVisits() throws Exception {
    owner();
    var client = client().loggedIn(KEY);
    var stranger = client().withRunId(client.runId());
    var visit = visit(stranger, "secret", "sk");
    assertThat(answer(visit)).isEmpty();
    var another = visit(stranger, "secret", "sk");
    assertThat(answer(another)).isEmpty();

    for (int i = 0; i < 3; i++) {
      stranger.openStream();
    }
    stranger.openStream().expectEnd();
    visit.channel().close();
    another.channel().close();

    await().until(() -> !stranger.connection().isOpen());
    assertThat(client.connection().isOpen()).isTrue();
  }

  @Test
  void oneThatHasLoggedInStaysWhenItsVisitsEnd() throws Exception {
    owner();
    var visitor = client();
    var first = visit(visitor, "secret", "sk");
    assertThat(answer(first)).isEmpty();
    visitor.loggedIn(KEY);
    var more = visit(visitor, "secret", "sk");
    assertThat(answer(more)).isEmpty();
    var stranger = client();
    var later = visit(stranger, "secret", "sk");
    assertThat(answer(later)).isEmpty();

    first.channel().close();
    more.channel().close();
    later.channel().close();

    await().until(() -> !stranger.connection().isOpen());
    assertThat(visitor.connection().isOpen()).isTrue();
  }

  @Test
  void aThousandWaitForTheirRefusalAndNoMore() throws Exception {
    start(options());
    var answered = new AtomicInteger();
    var ended = new AtomicInteger();

    for (int client = 0; client < 8; client++) {
      var visitor = client().loggedIn(KEY);
      var visit = new NewVisitorConn(visitor.runId(), "later", "", 5, false, false);
      for (int i = 0; i < 240; i++) {
        visitor.openStreamInBackground(visit, new Told(answered, ended));
      }
    }

    await().until(() -> ended.get() == 8 * 240);
    assertThat(answered.get()).isBetween(1_000, 8 * 240 - 1);
  }

  private static final class Told extends ChannelInboundHandlerAdapter {

    private final AtomicInteger answered;
    private final AtomicInteger ended;
    private boolean told;

    Told(AtomicInteger answered, AtomicInteger ended) {
      this.answered = answered;
      this.ended = ended;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      told = true;
      ReferenceCountUtil.release(msg);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answered.addAndGet(told ? 1 : 0);
      ended.incrementAndGet();
    }
  }

  // ---- straight

  private static NatHoleVisitor straight(String transaction, boolean look, String secret) {
    var sign = look ? "" : PrivilegeKey.of(secret, 5);
    return new NatHoleVisitor(
        transaction, "bulk", look, "quic", sign, 5, List.of("192.0.2.1:1"), List.of());
  }

  @Test
  void aWrongSecretWaitsForItsRefusalToGoStraight() throws Exception {
    start(options().bans(failures));
    try (var peers = XtcpPeers.of("bulk", address, loops, KEY)) {
      var visitor = peers.visitor().control();
      for (int i = 0; i < SLOW; i++) {
        visitor.send(straight("early", false, "guess"));
      }
      visitor.send(straight("guess", false, "guess")).send(straight("look", true, ""));

      var heard = new ArrayList<String>();
      while (!heard.contains("guess")) {
        heard.add(visitor.expectNext(NatHoleResp.class).transactionId());
      }

      assertThat(heard).contains("look");
      assertThat(failures.recorded).isEmpty();
    }
  }

  @Test
  void tooManyWrongSecretsToGoStraightEndTheSession() throws Exception {
    start(options().bans(failures));
    try (var peers = XtcpPeers.of("bulk", address, loops, KEY)) {
      for (int i = 0; i < 180; i++) {
        peers.visitor().control().send(straight("guess", false, "guess"));
      }

      await().until(this::hasEnded);
    }
  }
}
