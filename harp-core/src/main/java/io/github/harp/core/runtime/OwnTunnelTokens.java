// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.Deployment;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.Secret;
import io.github.harp.core.TunnelTokens;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Puts a token of its own into each environment that holds the shared key. */
final class OwnTunnelTokens implements ExAppCredentials {

  private static final String KEY = "HP_SHARED_KEY=";
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");

  private final TunnelTokens tokens;

  OwnTunnelTokens(TunnelTokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public Future<Void> ready() {
    return tokens.ready();
  }

  @Override
  public List<String> in(List<String> ordered) {
    if (ordered.stream().noneMatch(entry -> entry.startsWith(KEY))) {
      return List.copyOf(ordered);
    }
    var secret = lastIn(ordered, "APP_SECRET").map(Secret::of).orElse(Secret.of(""));
    var token = tokens.mint(Deployment.of(appId(ordered), secret), port(ordered));
    return ordered.stream().map(entry -> entry.startsWith(KEY) ? KEY + token : entry).toList();
  }

  private static String appId(List<String> environment) {
    var id = last(environment, "APP_ID");
    if (!ID.matcher(id).matches()) {
      throw invalid(
          "APP_ID", "expected a letter or digit followed by at most 127 of [A-Za-z0-9._-]");
    }
    return id;
  }

  /** Not an engine's: with a token for that number the ExApp could pose as the engine. */
  private static int port(List<String> environment) {
    var text = last(environment, "APP_PORT");
    var port = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535 || EngineNumber.isEngine(port)) {
      throw invalid(
          "APP_PORT", "expected a port that is no engine's, such as those from 23000 to 23999");
    }
    return port;
  }

  private static String last(List<String> environment, String name) {
    return lastIn(environment, name)
        .orElseThrow(() -> invalid(name, "missing beside HP_SHARED_KEY"));
  }

  /** Of several entries the one that counts for the process in the container. */
  private static Optional<String> lastIn(List<String> environment, String name) {
    var prefix = name + "=";
    return environment.stream()
        .filter(entry -> entry.startsWith(prefix))
        .reduce((first, second) -> second)
        .map(entry -> entry.substring(prefix.length()));
  }

  private static HarpException invalid(String name, String what) {
    return new HarpException(
        HarpException.Code.BAD_REQUEST, "environment variable " + name + ": " + what);
  }
}
