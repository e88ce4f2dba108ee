// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

/**
 * Remote ports that clients may claim, both ends included.
 *
 * @param first the lowest port, 1 to 65535
 * @param last the highest port, not below {@code first}
 */
public record PortRange(int first, int last) {

  private static final int MAX_PORT = 65_535;

  public PortRange {
    if (first < 1 || last > MAX_PORT || first > last) {
      throw new IllegalArgumentException(
          "port range " + first + "-" + last + "; expected two ports from 1 to 65535 in order");
    }
  }

  public boolean contains(int port) {
    return port >= first && port <= last;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
