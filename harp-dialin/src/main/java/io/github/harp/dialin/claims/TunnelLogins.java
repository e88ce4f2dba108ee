// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.dialin.Party;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelIdentity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Whose a client is: that Nextcloud's to which its key or token is known, and nobody else's. */
public final class TunnelLogins implements TunnelAuthenticator {

  private final List<TunnelClaims> claims;
  private final Map<String, TunnelClaims> byRealm;

  private TunnelLogins(Map<String, TunnelClaims> byRealm) {
    this.claims = List.copyOf(byRealm.values());
    this.byRealm = byRealm;
  }

  public static TunnelLogins of(List<Party> parties) {
    var byRealm = new LinkedHashMap<String, TunnelClaims>();
    parties.forEach(party -> byRealm.put(party.realm(), new TunnelClaims(party)));
    return new TunnelLogins(byRealm);
  }

  @Override
  public CompletionStage<LoginDecision> authenticate(LoginRequest login) {
    return claims.stream()
        .filter(each -> each.isKeyIn(login))
        .findFirst()
        .map(holder -> holder.authenticate(login))
        .orElseGet(() -> ask(0, login));
  }

  private CompletionStage<LoginDecision> ask(int next, LoginRequest login) {
    return next == claims.size()
        ? CompletableFuture.completedFuture(TunnelClaims.NOT_VALID)
        : claims
            .get(next)
            .authenticate(login)
            .thenCompose(
                decision ->
                    decision == TunnelClaims.NOT_VALID
                        ? ask(next + 1, login)
                        : CompletableFuture.completedFuture(decision));
  }

  @Override
  public boolean mayVisit(Optional<TunnelIdentity> visitor, String proxy) {
    return visitor
        .map(known -> Objects.requireNonNull(byRealm.get(known.realm())))
        .filter(claims -> claims.mayVisit(visitor, proxy))
        .isPresent();
  }

  @Override
  public CompletionStage<ProxyDecision> authorize(TunnelIdentity client, ProxyRequest proxy) {
    return Objects.requireNonNull(byRealm.get(client.realm())).authorize(client, proxy);
  }
}
