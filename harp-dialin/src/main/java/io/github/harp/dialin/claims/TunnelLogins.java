// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.dialin.Party;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelIdentity;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Whose a client is: that Nextcloud's to which its key or token is known, and nobody else's. */
public final class TunnelLogins implements TunnelAuthenticator {

  private final List<TunnelClaims> all = new CopyOnWriteArrayList<>();

  public void admit(Party party) {
    all.add(new TunnelClaims(party));
  }

  /** Whoever has logged in with them gets nothing more. */
  public void dismiss(Party party) {
    all.removeIf(claims -> claims.areOf(party));
  }

  @Override
  public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
    var claims = List.copyOf(all);
    return claims.stream()
        .filter(each -> each.isKeyIn(login))
        .findFirst()
        .map(holder -> holder.authenticate(login))
        .orElseGet(() -> ask(claims.iterator(), login));
  }

  private static CompletionStage<LoginDecision> ask(
      Iterator<TunnelClaims> next, LoginRequest login) {
    return next.hasNext()
        ? next.next()
            .authenticate(login)
            .thenCompose(
                decision ->
                    decision == TunnelClaims.NOT_VALID
                        ? ask(next, login)
                        : CompletableFuture.completedFuture(decision))
        : CompletableFuture.completedFuture(TunnelClaims.NOT_VALID);
  }

  @Override
  public boolean mayVisit(Optional<TunnelIdentity> visitor, String proxy) {
    return visitor
        .flatMap(this::claimsOf)
        .filter(claims -> claims.mayVisit(visitor, proxy))
        .isPresent();
  }

  @Override
  public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
    return claimsOf(client)
        .map(claims -> claims.authorize(client, proxy))
        .orElseGet(
            () ->
                CompletableFuture.completedFuture(
                    new ProxyDecision.Refuse(
                        "its Nextcloud is served no more", RefusalCode.PROXY)));
  }

  private Optional<TunnelClaims> claimsOf(TunnelIdentity client) {
    return all.stream().filter(claims -> claims.haveLetIn(client)).findFirst();
  }
}
