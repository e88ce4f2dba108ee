// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.Optional;

/**
 * The number that AppAPI knows a container engine by. It is the remote port that an engine's tunnel
 * opens, too, so no ExApp has a port among them.
 *
 * @param value from 24000, the local one by convention, to 24099
 */
public record EngineNumber(int value) implements Comparable<EngineNumber> {

  /** The lowest; the engine of this host by convention. */
  public static final EngineNumber FIRST = new EngineNumber(24_000);

  /** The highest. */
  public static final EngineNumber LAST = new EngineNumber(24_099);

  /** For messages: which numbers there are. */
  public static final String RANGE = "from 24000 to 24099";

  /**
   * @throws HarpException {@code BAD_REQUEST} for a number that is no engine's
   */
  public EngineNumber {
    if (!isEngine(value)) {
      throw new HarpException(
          HarpException.Code.BAD_REQUEST, "engine " + value + ": engines have numbers " + RANGE);
    }
  }

  public static boolean isEngine(int port) {
    return port >= 24_000 && port <= 24_099;
  }

  /** Empty for a number that is no engine's. */
  public static Optional<EngineNumber> of(int port) {
    return isEngine(port) ? Optional.of(new EngineNumber(port)) : Optional.empty();
  }

  /** Five plain digits; empty for anything else. */
  public static Optional<EngineNumber> parse(String text) {
    return text.matches("[0-9]{5}") ? of(Integer.parseInt(text)) : Optional.empty();
  }

  @Override
  public int compareTo(EngineNumber other) {
    return Integer.compare(value, other.value);
  }

  /** The bare number. */
  @Override
  public String toString() {
    return Integer.toString(value);
  }
}
