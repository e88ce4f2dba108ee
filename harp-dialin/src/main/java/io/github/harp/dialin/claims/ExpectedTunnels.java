// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.tunnels.Tunnels;
import io.vertx.core.Future;
import java.util.Optional;

/** Tokens whose holders are expected to dial in: each one that is minted is noted at its port. */
public record ExpectedTunnels(TunnelTokens tokens, Tunnels tunnels) implements TunnelTokens {

  @Override
  public Future<Void> ready() {
    return tokens.ready();
  }

  @Override
  public String mint(Deployment deployment, int port) {
    var token = tokens.mint(deployment, port);
    tunnels.expect(deployment, port);
    return token;
  }

  @Override
  public Optional<Claim> verify(String token) {
    return tokens.verify(token);
  }

  @Override
  public boolean isOutdated(String token) {
    return tokens.isOutdated(token);
  }
}
