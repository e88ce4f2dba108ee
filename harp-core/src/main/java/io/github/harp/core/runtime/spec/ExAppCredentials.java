// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import io.github.harp.core.key.TunnelTokens;
import io.vertx.core.Future;

/**
 * What a new container gets to dial in with. AppAPI writes the shared key, which opens everything,
 * into {@code HP_SHARED_KEY}; an ExApp needs no more than a token for its own tunnel.
 */
@FunctionalInterface
public interface ExAppCredentials {

  /**
   * The environment that the container is to have.
   *
   * @param ordered the environment that was ordered
   * @throws io.github.harp.core.HarpException {@code BAD_REQUEST} when it does not say which ExApp
   *     it is for
   */
  ContainerEnvironment in(ContainerEnvironment ordered);

  /** Completes when {@link #in} answers at once. */
  default Future<Void> ready() {
    return Future.succeededFuture();
  }

  /** The shared key as ordered, as the original does. */
  static ExAppCredentials sharedKey() {
    return ordered -> ordered;
  }

  /**
   * The value of {@code HP_SHARED_KEY} becomes a token for the app and port that the same
   * environment names; the order of the variables stays, since AppAPI reads some back by index.
   */
  static ExAppCredentials ownTokens(TunnelTokens tokens) {
    return new OwnTunnelTokens(tokens);
  }
}
