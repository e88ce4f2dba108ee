// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import io.github.harp.tunnel.frp.PeerAddress;
import io.github.harp.tunnel.server.accept.Printable;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses that a peer names: the other peer will send datagrams there, so they are read strictly
 * and are few.
 *
 * @param mapped as the outside sees the peer; two at least
 * @param own in the peer's own network
 */
record PeerAddresses(List<InetSocketAddress> mapped, List<InetSocketAddress> own) {

  private static final int LEAST = 2;
  private static final int MOST = 10;

  /**
   * @param from where the peer itself is: only who is on this host may name addresses on it
   * @throws IllegalArgumentException saying what is wrong
   */
  static PeerAddresses read(List<String> mapped, List<String> own, InetAddress from) {
    if (mapped.size() < LEAST) {
      throw new IllegalArgumentException(
          "not enough addresses: " + mapped.size() + " as seen from outside; expected 2");
    }
    return new PeerAddresses(readAll(mapped, from), readAll(own, from));
  }

  private static List<InetSocketAddress> readAll(List<String> texts, InetAddress from) {
    if (texts.size() > MOST) {
      throw new IllegalArgumentException(
          "too many addresses: " + texts.size() + "; expected up to " + MOST);
    }
    var addresses = new ArrayList<InetSocketAddress>();
    for (var text : texts) {
      var address = read(text, from);
      if (addresses.isEmpty() || !addresses.get(addresses.size() - 1).equals(address)) {
        addresses.add(address);
      }
    }
    return addresses;
  }

  private static InetSocketAddress read(String text, InetAddress from) {
    var address = PeerAddress.read(text).orElseThrow(() -> wrong(text, "an IP address and a port"));
    if (!PeerAddress.leadsToPeer(address.getAddress(), from)) {
      throw wrong(text, "one that leads to a peer");
    }
    return address;
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    return new IllegalArgumentException(
        "address [" + Printable.of(text) + "]; expected " + expected);
  }

  NatFeature nat() {
    return NatFeature.of(mapped, own);
  }

  Experience.Place place() {
    return new Experience.Place(mapped.get(0).getAddress(), nat());
  }

  /** The port that was seen last: the next is near it. */
  int lastPort() {
    return mapped.get(mapped.size() - 1).getPort();
  }

  List<String> mappedTexts() {
    return texts(mapped);
  }

  List<String> ownTexts() {
    return texts(own);
  }

  private static List<String> texts(List<InetSocketAddress> addresses) {
    return addresses.stream().map(NetUtil::toSocketAddressString).toList();
  }
}
