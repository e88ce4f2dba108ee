// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.key.VisitorPasses;
import io.github.harp.core.key.VisitorPasses.Pass;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.upstream.Engines;
import io.github.harp.dialin.Party;
import io.github.harp.dialin.WithdrawnPasses;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelIdentity;
import io.github.harp.tunnel.server.TunnelStatus;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may open which tunnel: the shared key any, a token only the port that it was made for, and
 * services of its ExApp that visitors with a pass come to.
 *
 * <p>The name of a proxy is free within limits, since some start scripts in the field have one
 * fixed name for every app; the port is not. Whose port it is, Nextcloud says.
 */
public final class TunnelClaims implements TunnelAuthenticator {

  private static final Logger LOG = LoggerFactory.getLogger(TunnelClaims.class);

  static final LoginDecision NOT_VALID =
      new LoginDecision.Refuse(
          "metadatas.token is missing or not valid here; expected the shared key or the token of"
              + " an ExApp",
          true);

  private final Party party;
  private final SharedKey sharedKey;
  private final TunnelTokens tokens;
  private final ExAppRecords records;
  private final Engines configured;
  private final PortOwners owners;
  private final VisitorPasses passes;
  private final WithdrawnPasses withdrawn;
  private final InstantSource clock = InstantSource.system();

  TunnelClaims(Party party) {
    var instance = party.instance();
    this.party = party;
    this.sharedKey = instance.key();
    this.tokens = instance.tokens();
    this.records = instance.records();
    this.configured = party.configured();
    this.passes = new VisitorPasses(instance.key());
    this.withdrawn = new WithdrawnPasses(party.withdrawn());
    this.owners = new PortOwners(records, PortOwners.PATIENCE);
  }

  /**
   * What a client has logged in with.
   *
   * @param at who has let it in: a Nextcloud may be given up, and another one get its name
   * @param claim of a token; with neither, it was the shared key
   */
  record Login(TunnelClaims at, Optional<Claim> claim, Optional<Pass> pass) {}

  /** Whose token it has shown; empty for the shared key and for passes. */
  public static Optional<Claim> claimOf(TunnelIdentity client) {
    return client.attachment(Login.class).flatMap(Login::claim);
  }

  private static Optional<Pass> passOf(TunnelIdentity client) {
    return client.attachment(Login.class).flatMap(Login::pass);
  }

  boolean haveLetIn(TunnelIdentity client) {
    return client.attachment(Login.class).filter(login -> login.at() == this).isPresent();
  }

  boolean areOf(Party whose) {
    return party.equals(whose);
  }

  /** The ExApps of these clients: whose token was shown, or who are named by one with the key. */
  public static Set<AppId> appsOf(List<TunnelStatus.Session> clients) {
    var apps = new TreeSet<AppId>();
    for (var session : clients) {
      var claim = claimOf(session.identity());
      if (claim.isPresent()) {
        apps.add(claim.get().appId());
      } else {
        session.proxies().stream()
            .filter(proxy -> !EngineNumber.isEngine(proxy.remotePort()))
            .flatMap(proxy -> AppId.parse(proxy.name()).stream())
            .forEach(apps::add);
      }
    }
    return apps;
  }

  @Override
  public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
    var token = login.metas().get("token");
    if (isKeyIn(login)) {
      return CompletableFuture.completedFuture(
          new LoginDecision.Accept(
              identity(TunnelIdentity.shared("shared key"), Optional.empty(), Optional.empty())));
    }
    if (token == null) {
      return CompletableFuture.completedFuture(NOT_VALID);
    }
    return VisitorPasses.hasForm(token)
        ? passes.ready().map(ready -> withPass(token)).toCompletionStage()
        : tokens.ready().map(ready -> withToken(token)).toCompletionStage();
  }

  boolean isKeyIn(LoginRequest login) {
    return sharedKey.matches(login.metas().get("token"));
  }

  private LoginDecision withPass(String token) {
    var pass = passes.verify(token);
    if (pass.isEmpty()) {
      return NOT_VALID;
    }
    if (withdrawn.has(pass.get())) {
      return new LoginDecision.Refuse(
          "this pass was withdrawn; expected one of 'harp tokens visitor' of now", false);
    }
    var until = pass.get().until();
    return clock.instant().isBefore(until)
        ? new LoginDecision.Accept(
            identity(
                TunnelIdentity.shared("visitor of " + pass.get().appId()), Optional.empty(), pass))
        : new LoginDecision.Refuse(
            "this pass ended at " + until + "; expected one of 'harp tokens visitor' of now",
            false);
  }

  private LoginDecision withToken(String token) {
    var claim = tokens.verify(token);
    if (claim.isEmpty()) {
      return NOT_VALID;
    }
    if (EngineNumber.isEngine(claim.get().port())) {
      return new LoginDecision.Refuse(
          "this token is for port "
              + claim.get().port()
              + ", which is an engine's; expected one for a port of ExApps, or the shared key"
              + " for an engine",
          false);
    }
    if (tokens.isOutdated(token)) {
      LOG.warn(
          "tunnel of {}: its token has the first form, from which a weak shared key can be guessed;"
              + " redeploy or update the ExApp for one of the present form",
          claim.get().appId());
    } else if (claim.get().deployment().fingerprint().isEmpty()) {
      LOG.warn(
          "tunnel of {}: its token does not say for which deployment it was made, since the order"
              + " that created its container had no APP_SECRET; redeploy the ExApp for one that"
              + " does",
          claim.get().appId());
    }
    return new LoginDecision.Accept(
        identity(
            TunnelIdentity.exclusive("ExApp " + claim.get().appId() + " " + claim.get().port()),
            claim,
            Optional.empty()));
  }

  @Override
  public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
    var claim = claimOf(client);
    var objection =
        proxy.type() != ProxyType.TCP || passOf(client).isPresent()
            ? objectionToService(client, proxy)
            : claim.isPresent() ? objectionToToken(claim.get(), proxy) : objectionToKey(proxy);
    if (claim.isEmpty() || objection.isPresent()) {
      return CompletableFuture.completedFuture(decision(objection, RefusalCode.PROXY, false));
    }
    return owners
        .objectionTo(claim.get())
        .thenApply(
            later ->
                decision(later, RefusalCode.PORT_OF_ANOTHER, owners.isKnownOwner(claim.get())));
  }

  /** What visitors come to has no port; its name says whose it is. */
  private static Optional<String> objectionToService(TunnelIdentity client, ProxyRequest proxy) {
    if (passOf(client).isPresent()) {
      return Optional.of("a visitor's pass opens nothing; expected [[visitors]] only");
    }
    return claimOf(client)
        .filter(claim -> !Pass.isOf(claim.appId(), proxy.name()))
        .map(
            claim ->
                "proxy name "
                    + proxy.name()
                    + ": this token is for "
                    + claim.appId()
                    + "; expected "
                    + Pass.service(claim.appId(), "NAME"));
  }

  /** With the key anything, with a pass what it is for, and nobody else anything. */
  @Override
  public boolean mayVisit(Optional<TunnelIdentity> visitor, String proxy) {
    return visitor
        .filter(this::haveLetIn)
        .filter(
            known ->
                passOf(known)
                    .map(pass -> pass.isFor(proxy, clock.instant()) && !withdrawn.has(pass))
                    .orElse(claimOf(known).isEmpty()))
        .isPresent();
  }

  private static ProxyDecision decision(
      Optional<String> objection, RefusalCode code, boolean isOwner) {
    return objection
        .<ProxyDecision>map(reason -> new ProxyDecision.Refuse(reason, code))
        .orElseGet(() -> new ProxyDecision.Allow(isOwner));
  }

  private Optional<String> objectionToToken(Claim claim, ProxyRequest proxy) {
    if (proxy.remotePort() != claim.port()) {
      return Optional.of(
          "remote port "
              + proxy.remotePort()
              + ": this token is for "
              + claim.appId()
              + " on port "
              + claim.port());
    }
    var name = AppId.parse(proxy.name());
    if (!name.equals(Optional.of(claim.appId()))) {
      if (name.flatMap(records::peek).isPresent()) {
        return Optional.of(
            "proxy name "
                + proxy.name()
                + " is another ExApp's; this token is for "
                + claim.appId());
      }
      LOG.warn(
          "tunnel of {}: its proxy is called {}, expected the app's own id",
          claim.appId(),
          proxy.name());
    }
    return Optional.empty();
  }

  private Optional<String> objectionToKey(ProxyRequest proxy) {
    var engine = EngineNumber.of(proxy.remotePort()).flatMap(configured::find);
    if (engine.isPresent()) {
      return Optional.of(
          "remote port " + proxy.remotePort() + " is the engine at " + engine.get() + " already");
    }
    for (var owner : records.onThisHost(proxy.remotePort())) {
      if (!owner.id().text().equalsIgnoreCase(proxy.name())) {
        LOG.warn(
            "tunnel on port {}: its proxy is called {}, expected {}, whose port this is",
            proxy.remotePort(),
            proxy.name(),
            owner.id());
      }
    }
    return Optional.empty();
  }

  private TunnelIdentity identity(TunnelIdentity who, Optional<Claim> claim, Optional<Pass> pass) {
    return who.in(party.realm()).with(new Login(this, claim, pass));
  }
}
