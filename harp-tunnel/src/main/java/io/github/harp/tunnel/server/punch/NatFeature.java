// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a peer's NAT does to addresses, as far as two questions to the outside can tell.
 *
 * @param easy the outside sees one address, whoever is asked
 * @param addressChanges it sees several IP addresses
 * @param portChanges it sees several ports
 * @param portsDifference how far these are apart, if only ports change; else 0
 * @param inPublic the outside sees an address that the peer itself has
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/nathole/classify.go">frp v0.61.1,
 *     pkg/nathole/classify.go</a>
 */
record NatFeature(
    boolean easy,
    boolean addressChanges,
    boolean portChanges,
    int portsDifference,
    boolean inPublic) {

  private static final int REGULAR_DIFFERENCE = 5;

  /**
   * @param mapped as the outside sees it; two or more
   * @param own as it sees itself
   */
  static NatFeature of(List<InetSocketAddress> mapped, List<InetSocketAddress> own) {
    var first = mapped.get(0);
    var addressChanges =
        mapped.stream().anyMatch(seen -> !seen.getAddress().equals(first.getAddress()));
    var ports = mapped.stream().mapToInt(InetSocketAddress::getPort).summaryStatistics();
    var portChanges = ports.getMax() != ports.getMin();
    return new NatFeature(
        !addressChanges && !portChanges,
        addressChanges,
        portChanges,
        portChanges && !addressChanges ? ports.getMax() - ports.getMin() : 0,
        mapped.stream().map(InetSocketAddress::getAddress).anyMatch(seen -> isOneOf(seen, own)));
  }

  private static boolean isOneOf(InetAddress address, List<InetSocketAddress> own) {
    return own.stream().anyMatch(has -> has.getAddress().equals(address));
  }

  /** For those who want to know why two could not meet. */
  String inWords() {
    if (inPublic) {
      return "not behind a NAT";
    }
    if (easy) {
      return "a NAT that shows all the same address";
    }
    return isRegular()
        ? "a NAT whose ports count up for each destination"
        : "a NAT with another address for each destination";
  }

  /** Its next port can be guessed. */
  boolean isRegular() {
    return portsDifference >= 1 && portsDifference <= REGULAR_DIFFERENCE;
  }
}
