// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route;

import io.github.harp.core.AccessLevel;
import java.util.Objects;
import java.util.Set;

/**
 * One route of an ExApp's manifest.
 *
 * @param url a Python regular expression, matched at the beginning of the path inside the ExApp
 * @param level who may use it
 * @param bruteForceStatuses answers of the ExApp that count as a failed attempt of the client
 */
public record ExAppRoute(String url, AccessLevel level, Set<Integer> bruteForceStatuses) {

  public ExAppRoute {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(level, "level");
    bruteForceStatuses = Set.copyOf(bruteForceStatuses);
  }
}
