// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

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
   * @param appId the ExApp
   * @param port the remote port that it may open
   */
  record Claim(String appId, int port) {}

  /**
   * Completes when {@link #mint} and {@link #verify} answer at once; until then they may block for
   * a second. It never fails for a reason that goes away.
   */
  default Future<Void> ready() {
    return Future.succeededFuture();
  }

  /** The token of an ExApp and its port; always the same one, so updates keep it valid. */
  String mint(String appId, int port);

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
