// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.key.VisitorPasses;
import io.github.harp.core.key.VisitorPasses.Pass;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.dialin.Party;
import io.github.harp.dialin.WithdrawnPasses;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.server.TunnelAuthenticator.LoginDecision;
import io.github.harp.tunnel.server.TunnelAuthenticator.LoginRequest;
import io.github.harp.tunnel.server.TunnelAuthenticator.ProxyDecision;
import io.github.harp.tunnel.server.TunnelAuthenticator.ProxyRequest;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelStatus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelClaimsTest {

  private static final String KEY = "correct-horse-battery-staple";

  private final HmacTunnelTokens tokens = new HmacTunnelTokens(SharedKey.of(KEY));
  private final VisitorPasses passes = new VisitorPasses(SharedKey.of(KEY));
  private final FakeNextcloud nextcloud = new FakeNextcloud().with(exApp("demo", 23000));
  private final CachedExAppRecords records =
      new CachedExAppRecords(nextcloud, Ticker.systemTicker());
  @TempDir private Path folder;
  private TunnelClaims claims;

  @BeforeEach
  void start() {
    claims = new TunnelClaims(party(tokens));
  }

  @Test
  void theSharedKeyOpensEnginesAndAnyExApp() {
    var client = accepted(KEY);

    assertThat(client.exclusive()).isFalse();
    assertThat(refusal(client, "deploy-daemon-1", 24001)).isEmpty();
    assertThat(refusal(client, "demo", 23000)).isEmpty();
  }

  @Test
  void knowsWhichExAppsHaveDialledIn() {
    var byToken = session(accepted(tokens.mint(new AppId("notes"), 23000)), "fixed-name", 23000);
    var byKey = session(accepted(KEY), "maps", 23001);
    var engine = session(accepted(KEY), "deploy-daemon-1", 24001);
    var odd = session(accepted(KEY), "no name at all", 23002);
    var status =
        new TunnelStatus(
            List.of(byToken, byKey, engine, odd),
            0,
            0,
            new TunnelStatus.Totals(0, 0, 0, 0),
            Optional.empty(),
            TunnelStatus.Introductions.NONE);

    assertThat(TunnelClaims.appsOf(status.sessions()))
        .containsExactly(new AppId("maps"), new AppId("notes"));
  }

  // ---- services for visitors

  @Test
  void anExAppOffersItsOwnServicesToVisitorsAndNobodyElses() {
    var client = accepted(tokens.mint(new AppId("demo"), 23000));

    assertThat(service(client, "demo/straight")).isEmpty();
    assertThat(service(client, "other/straight"))
        .contains("proxy name other/straight: this token is for demo; expected demo/NAME");
    assertThat(service(client, "demo")).isPresent();
    assertThat(service(accepted(KEY), "other/straight")).isEmpty();
  }

  @Test
  void theTokenOfARemovedExAppOffersNothing() {
    nextcloud.without("demo");
    records.put(exApp("successor", 23000));

    assertThat(service(accepted(tokens.mint(new AppId("demo"), 23000)), "demo/straight"))
        .contains("remote port 23000 belongs to successor now");
  }

  @Test
  void aPassVisitsItsExAppAndOpensNothing() {
    var end = Instant.now().plusSeconds(600);
    var visitor =
        accepted(passes.mint(new Pass(new AppId("demo"), Instant.EPOCH.plusMillis(1), end)));

    assertThat(claims.mayVisit(Optional.of(visitor), "demo/straight")).isTrue();
    assertThat(claims.mayVisit(Optional.of(visitor), "other/straight")).isFalse();
    for (var refusal :
        List.of(service(visitor, "demo/straight"), refusal(visitor, "demo", 23000))) {
      assertThat(refusal).hasValueSatisfying(text -> assertThat(text).contains("opens nothing"));
    }
  }

  @Test
  void aPassThatIsOverIsRefusedAndCountsAgainstNobody() {
    var over =
        passes.mint(
            new Pass(
                new AppId("demo"), Instant.EPOCH.plusMillis(1), Instant.now().minusSeconds(1)));
    assertThat(login(Map.of("token", over)))
        .isInstanceOfSatisfying(
            LoginDecision.Refuse.class,
            refusal -> {
              assertThat(refusal.reason()).startsWith("this pass ended at ");
              assertThat(refusal.counts()).isFalse();
            });
    assertThat(login(Map.of("token", over + "x"))).isEqualTo(TunnelClaims.NOT_VALID);
  }

  @Test
  void aPassEndsWhileItsVisitorIsLoggedIn() {
    var over =
        new Pass(new AppId("demo"), Instant.EPOCH.plusMillis(1), Instant.now().minusSeconds(1));
    var visitor =
        TunnelIdentity.shared("visitor")
            .with(new TunnelClaims.Login(claims, Optional.empty(), Optional.of(over)));
    assertThat(claims.mayVisit(Optional.of(visitor), "demo/straight")).isFalse();
  }

  @Test
  void aPassThatIsWithdrawnEndsAtOnceAndOthersDoNot() throws Exception {
    var now = Instant.now();
    var one = new Pass(new AppId("demo"), now, now.plusSeconds(600));
    var another = new Pass(new AppId("demo"), now.plusMillis(1), now.plusSeconds(600));
    var visitor = accepted(passes.mint(one));
    var other = accepted(passes.mint(another));

    new WithdrawnPasses(folder.resolve("withdrawn-passes")).add(one, now);

    assertThat(claims.mayVisit(Optional.of(visitor), "demo/straight")).isFalse();
    assertThat(claims.mayVisit(Optional.of(other), "demo/straight")).isTrue();
    assertThat(login(Map.of("token", passes.mint(one))))
        .isInstanceOfSatisfying(
            LoginDecision.Refuse.class,
            refusal -> assertThat(refusal.reason()).startsWith("this pass was withdrawn"));
  }

  @Test
  void whoHasLoggedInElsewhereVisitsNobody() {
    var elsewhere = new TunnelClaims(party(tokens));
    var identity =
        TunnelIdentity.shared("shared key")
            .with(new TunnelClaims.Login(elsewhere, Optional.empty(), Optional.empty()));
    assertThat(claims.mayVisit(Optional.of(identity), "demo/straight")).isFalse();
  }

  @Test
  void theKeyVisitsAndATokenOrNobodyDoesNot() {
    assertThat(claims.mayVisit(Optional.of(accepted(KEY)), "demo/straight")).isTrue();
    var other = accepted(tokens.mint(new AppId("demo"), 23000));
    assertThat(claims.mayVisit(Optional.of(other), "demo/straight")).isFalse();
    assertThat(claims.mayVisit(Optional.empty(), "demo/straight")).isFalse();
  }

  private Optional<String> service(TunnelIdentity client, String name) {
    var decision =
        claims
            .authorize(client, new ProxyRequest(name, ProxyType.XTCP, 0))
            .toCompletableFuture()
            .join();
    return decision instanceof ProxyDecision.Refuse refuse
        ? Optional.of(refuse.reason())
        : Optional.empty();
  }

  private static TunnelStatus.Session session(TunnelIdentity who, String proxy, int port) {
    return new TunnelStatus.Session(
        1,
        who,
        new InetSocketAddress("192.0.2.9", 4711),
        "0.61.1",
        WireProtocol.V1,
        true,
        true,
        "TCP",
        Optional.empty(),
        Instant.EPOCH,
        List.of(new TunnelStatus.Proxy(proxy, ProxyType.TCP, port, Instant.EPOCH)),
        0,
        1,
        0,
        0);
  }

  @Test
  void theSharedKeyDoesNotTakeTheNumberOfAConfiguredEngine() {
    assertThat(refusal(accepted(KEY), "bundled-deploy-daemon", 24000))
        .hasValueSatisfying(reason -> assertThat(reason).contains("unix:///var/run/docker.sock"));
  }

  @Test
  @DisplayName("W1 a token opens the port it was made for and no other")
  void w1_aTokenOpensThePortItWasMadeForAndNoOther() {
    var client = accepted(tokens.mint(new AppId("demo"), 23000));

    assertThat(client.exclusive()).isTrue();
    assertThat(refusal(client, "demo", 23000)).isEmpty();
    assertThat(refusal(client, "demo", 23001))
        .contains("remote port 23001: this token is for demo on port 23000");
    assertThat(refusal(client, "demo", 24001)).isPresent();
  }

  @Test
  @DisplayName("W15 a token does not take a port that belongs to another ExApp now")
  void w15_aTokenDoesNotTakeAPortThatBelongsToAnotherExAppNow() {
    nextcloud.without("demo");
    records.put(exApp("successor", 23000));

    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000))
        .contains("remote port 23000 belongs to successor now");
  }

  @ParameterizedTest
  @DisplayName("F26: on whatever spelling of this host the owner of a port is, it is the owner")
  @ValueSource(
      strings = {
        "127.0.0.1",
        "LOCALHOST",
        "localhost.",
        "127.0.0.2",
        "0.0.0.0",
        "::",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1"
      })
  void f26_theOwnerOfAPortIsKnownOnWhateverSpellingOfThisHost(String host) {
    nextcloud.failWith(Code.UNREACHABLE);
    records.put(exApp("successor", host, 23000));

    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000))
        .contains("remote port 23000 belongs to successor now");
  }

  @Test
  @DisplayName("S5: whose a port is, is asked before it is given")
  void s5_whoseAPortIsIsAskedBeforeItIsGiven() {
    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000)).isEmpty();
    assertThat(refusal(accepted(tokens.mint(new AppId("removed"), 23007)), "removed", 23007))
        .contains("Nextcloud does not know the ExApp removed of this token");
    assertThat(nextcloud.exAppQuestions()).containsExactly("demo", "removed");
  }

  @Test
  @DisplayName("S5: a token of an earlier deployment or of an earlier port is refused")
  void s5_aTokenOfAnEarlierDeploymentOrPortIsRefused() {
    var earlier = Deployment.of(new AppId("demo"), Secret.of("earlier secret"));
    var current = Deployment.of(new AppId("demo"), Secret.of("secret"));

    assertThat(refusal(accepted(tokens.mint(earlier, 23000)), "demo", 23000).orElseThrow())
        .contains("earlier deployment of demo");
    assertThat(refusal(accepted(tokens.mint(current, 23001)), "demo", 23001).orElseThrow())
        .contains("Nextcloud has demo at 127.0.0.1:23000");
    assertThat(refusal(accepted(tokens.mint(current, 23000)), "demo", 23000)).isEmpty();
  }

  @Test
  @DisplayName("S5: what is known of an ExApp that moved does not keep its new tunnel away")
  void s5_whatIsKnownMayBeOutdated() {
    records.put(exApp("demo", 23001));
    records.put(exApp("rival", 23000));

    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000)).isEmpty();
    assertThat(records.peek(new AppId("demo")).orElseThrow().address().port()).isEqualTo(23000);
  }

  @Test
  @DisplayName("S5: while Nextcloud does not answer, a port of which nothing is known is given")
  void s5_withoutNextcloudAPortOfWhichNothingIsKnownIsGiven() {
    nextcloud.failWith(Code.UNREACHABLE);

    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000)).isEmpty();
  }

  @Test
  @DisplayName("S5: a Nextcloud that hangs does not keep a tunnel waiting for long")
  void s5_aNextcloudThatHangsDoesNotKeepATunnelWaiting() {
    nextcloud.hold();
    var owners = new PortOwners(records, Duration.ofMillis(20));

    assertThat(
            owners
                .objectionTo(new TunnelTokens.Claim(Deployment.of(new AppId("demo")), 23000))
                .toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(20))
        .isEqualTo(Optional.empty());
  }

  @Test
  @DisplayName("W15 a token does not take the name of another ExApp")
  void w15_aTokenDoesNotTakeTheNameOfAnotherExApp() {
    records.put(exApp("victim", 23005));

    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "victim", 23000))
        .isPresent();
  }

  @Test
  @DisplayName("S12: a token for the port of an engine is refused at the login, and not counted")
  void s12_aTokenForThePortOfAnEngineIsRefusedAtTheLogin() {
    for (int port : List.of(24000, 24001, 24099)) {
      assertThat(login(Map.of("token", tokens.mint(new AppId("demo"), port))))
          .isInstanceOfSatisfying(
              LoginDecision.Refuse.class,
              refuse -> {
                assertThat(refuse.reason()).contains("port " + port, "engine");
                assertThat(refuse.counts()).isFalse();
              });
    }
    assertThat(login(Map.of("token", tokens.mint(new AppId("demo"), 23999))))
        .isInstanceOf(LoginDecision.Accept.class);
  }

  @Test
  @DisplayName("S12: whom Nextcloud gives a port to replaces whoever has it")
  void s12_whomNextcloudGivesAPortToReplacesWhoeverHasIt() {
    assertThat(decision(accepted(tokens.mint(new AppId("demo"), 23000)), "demo", 23000))
        .isEqualTo(new ProxyDecision.Allow(true));
    assertThat(decision(accepted(KEY), "demo", 23000)).isEqualTo(new ProxyDecision.Allow(false));
    nextcloud.failWith(Code.UNREACHABLE);
    assertThat(decision(accepted(tokens.mint(new AppId("unheard-of"), 23001)), "unheard-of", 23001))
        .as("nobody knows whose it is")
        .isEqualTo(new ProxyDecision.Allow(false));
  }

  @Test
  void aFixedNameOfAStartScriptIsFine() {
    assertThat(refusal(accepted(tokens.mint(new AppId("demo"), 23000)), "exapp", 23000)).isEmpty();
  }

  @Test
  void aWrongKeyAForgedTokenAndNoTokenAreRefusedAndCounted() {
    var forged = tokens.mint(new AppId("demo"), 23000).replace("23000", "24001");

    for (var metas : new Map[] {Map.of("token", "wrong"), Map.of("token", forged), Map.of()}) {
      @SuppressWarnings("unchecked")
      var decision = login((Map<String, String>) metas);
      assertThat(decision)
          .isInstanceOfSatisfying(
              LoginDecision.Refuse.class, refuse -> assertThat(refuse.counts()).isTrue());
    }
  }

  @Test
  void theTokenOfAnOlderKeyIsRefused() {
    var older =
        new HmacTunnelTokens(SharedKey.of("another-key-altogether")).mint(new AppId("demo"), 23000);

    assertThat(login(Map.of("token", older))).isInstanceOf(LoginDecision.Refuse.class);
  }

  @Test
  @DisplayName("S13: a login with a token waits for the stretched key, its event loop does not")
  void s13_aLoginWaitsForTheStretchedKey() {
    Promise<Void> stretched = Promise.promise();
    var waiting =
        new TunnelClaims(
            party(
                new TunnelTokens() {
                  @Override
                  public Future<Void> ready() {
                    return stretched.future();
                  }

                  @Override
                  public String mint(Deployment deployment, int port) {
                    throw new AssertionError("nothing is minted at a login");
                  }

                  @Override
                  public Optional<Claim> verify(String token) {
                    return Optional.of(new Claim(Deployment.of(new AppId("demo")), 23000));
                  }
                }));

    var decision = waiting.authenticate(request(Map.of("token", "any"))).toCompletableFuture();
    assertThat(decision).isNotDone();
    assertThat(waiting.authenticate(request(Map.of("token", KEY))).toCompletableFuture())
        .as("the shared key itself needs no stretching")
        .isCompletedWithValueMatching(LoginDecision.Accept.class::isInstance);

    stretched.complete();
    assertThat(decision).isCompletedWithValueMatching(LoginDecision.Accept.class::isInstance);
  }

  private Party party(TunnelTokens madeWith) {
    var time = Ticker.systemTicker();
    return new Party(
        nextcloud.instance(SharedKey.of(KEY), records, madeWith, Bans.of(time), time),
        UndialledEngines.first("unix:///var/run/docker.sock"),
        Optional.empty(),
        Path.of("tunnel-ports"),
        folder.resolve("withdrawn-passes"));
  }

  private TunnelIdentity accepted(String token) {
    return ((LoginDecision.Accept) login(Map.of("token", token))).identity();
  }

  private LoginDecision login(Map<String, String> metas) {
    return claims.authenticate(request(metas)).toCompletableFuture().join();
  }

  private static LoginRequest request(Map<String, String> metas) {
    var address = InetSocketAddress.createUnresolved("203.0.113.7", 40000);
    return new LoginRequest(address, "", "0.61.1", metas, true);
  }

  private ProxyDecision decision(TunnelIdentity client, String name, int port) {
    return claims
        .authorize(client, new ProxyRequest(name, ProxyType.TCP, port))
        .toCompletableFuture()
        .join();
  }

  private Optional<String> refusal(TunnelIdentity client, String name, int port) {
    var decision = decision(client, name, port);
    return decision instanceof ProxyDecision.Refuse refuse
        ? Optional.of(refuse.reason())
        : Optional.empty();
  }

  private static ExApp exApp(String id, int port) {
    return exApp(id, "127.0.0.1", port);
  }

  private static ExApp exApp(String id, String host, int port) {
    return TestExApp.at(host, port, id, "secret");
  }
}
