// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * The credentials that ExApps dial in with: each is good for one frp login that claims one app and
 * one port, and for nothing else.
 */
public interface TunnelTokens {

  /**
   * What a token entitles to.
   *
   * @param deployment whose token it is; tokens that were made without the secret at hand do not
   *     say which deployment of the ExApp
   * @param port the remote port that it may open
   */
  record Claim(Deployment deployment, int port) {

    public AppId appId() {
      return deployment.appId();
    }

    /** Whether this is the ExApp, and the place, that the token was made for. */
    public boolean isFor(ExApp exApp) {
      return exApp.address().isOnThisHost(port) && deployment.mayBe(exApp.deployment());
    }
  }

  /**
   * Completes when {@link #mint} and {@link #verify} answer at once; until then they may block for
   * a second. It never fails for a reason that goes away.
   */
  default Future<Void> ready() {
    return Future.succeededFuture();
  }

  /** The token of a deployment and its port; always the same one, so updates keep it valid. */
  String mint(Deployment deployment, int port);

  /** The token of an ExApp whose secret is not at hand: it is good for any deployment of it. */
  default String mint(AppId appId, int port) {
    return mint(Deployment.of(appId), port);
  }

  /** The claim of a genuine token; empty for anything else. */
  Optional<Claim> verify(String token);

  /**
   * Whether this has the form of tokens that are no longer minted: a genuine one is honoured, and
   * worth a warning.
   */
  default boolean isOutdated(String token) {
    return false;
  }
}
