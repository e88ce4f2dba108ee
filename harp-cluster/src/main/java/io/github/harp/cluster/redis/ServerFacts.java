// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import io.github.harp.core.notice.Excerpt;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a server says of itself.
 *
 * @param program its name and version
 * @param evicts the policy by which it may throw away what it was to keep, if it may
 */
public record ServerFacts(String program, Optional<String> evicts) {

  private static final int MAX_SHOWN = 32;
  private static final int MAX_READ = 64 * 1024;

  /** Reads the answer to {@code INFO}; empty where it is none. */
  public static Optional<ServerFacts> read(String info) {
    var text = info.substring(0, Math.min(info.length(), MAX_READ));
    return line(text, "valkey_version")
        .map(version -> "Valkey " + version)
        .or(() -> line(text, "redis_version").map(version -> "Redis " + version))
        .map(program -> new ServerFacts(program, evicting(text)));
  }

  /** Without a limit for its memory it throws nothing away, whatever the policy. */
  private static Optional<String> evicting(String text) {
    return line(text, "maxmemory").filter(limit -> !limit.equals("0")).isEmpty()
        ? Optional.empty()
        : line(text, "maxmemory_policy").filter(policy -> policy.startsWith("allkeys-"));
  }

  private static Optional<String> line(String text, String name) {
    var line = Pattern.compile("(?m)^" + name + ":([^\\r\\n]+)").matcher(text);
    return line.find() ? Optional.of(Excerpt.of(line.group(1), MAX_SHOWN)) : Optional.empty();
  }
}
