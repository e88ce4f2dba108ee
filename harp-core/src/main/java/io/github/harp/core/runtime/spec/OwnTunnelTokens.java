// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.Secret;
import io.github.harp.core.address.Ports;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.TunnelTokens;
import io.vertx.core.Future;

/** Puts a token of its own into each environment that holds the shared key. */
final class OwnTunnelTokens implements ExAppCredentials {

  private static final String KEY = "HP_SHARED_KEY";

  private final TunnelTokens tokens;

  OwnTunnelTokens(TunnelTokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public Future<Void> ready() {
    return tokens.ready();
  }

  @Override
  public ContainerEnvironment in(ContainerEnvironment ordered) {
    if (ordered.get(KEY).isEmpty()) {
      return ordered;
    }
    var secret = Secret.of(ordered.get("APP_SECRET").orElse(""));
    return ordered.with(KEY, tokens.mint(Deployment.of(appId(ordered), secret), port(ordered)));
  }

  private static AppId appId(ContainerEnvironment environment) {
    return AppId.parse(required(environment, "APP_ID"))
        .orElseThrow(() -> invalid("APP_ID", "expected " + AppId.FORM));
  }

  /** Not an engine's: with a token for that number the ExApp could pose as the engine. */
  private static int port(ContainerEnvironment environment) {
    var port = Ports.parse(required(environment, "APP_PORT")).orElse(0);
    if (port == 0 || EngineNumber.isEngine(port)) {
      throw invalid(
          "APP_PORT", "expected a port that is no engine's, such as those from 23000 to 23999");
    }
    return port;
  }

  private static String required(ContainerEnvironment environment, String name) {
    return environment.get(name).orElseThrow(() -> invalid(name, "missing beside HP_SHARED_KEY"));
  }

  private static HarpException invalid(String name, String what) {
    return new HarpException(
        HarpException.Code.BAD_REQUEST, "environment variable " + name + ": " + what);
  }
}
