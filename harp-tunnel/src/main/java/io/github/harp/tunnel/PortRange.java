// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

/**
 * TCP ports, such as the remote ones that clients may claim; both ends included.
 *
 * @param first the lowest port, 1 to 65535
 * @param last the highest port, not below {@code first}
 */
public record PortRange(int first, int last) {

  /** All TCP ports. */
  public static final PortRange ALL = new PortRange(1, 65_535);

  /** What container engines dial in with: core's EngineNumber, which no tunnel may use. */
  public static final PortRange ENGINES = new PortRange(24_000, 24_099);

  public PortRange {
    if (first < 1 || last > 65_535 || first > last) {
      throw new IllegalArgumentException(
          "port range " + first + "-" + last + "; expected two ports from 1 to 65535 in order");
    }
  }

  public boolean contains(int port) {
    return port >= first && port <= last;
  }

  /**
   * The port, which has to be one of these.
   *
   * @param what it is, for the message
   * @throws IllegalArgumentException for another
   */
  public int require(String what, int port) {
    if (!contains(port)) {
      throw new IllegalArgumentException("%s %d; expected %s".formatted(what, port, this));
    }
    return port;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
