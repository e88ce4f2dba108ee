// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.punch;

import io.github.harp.tunnel.server.accept.Printable;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

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
  private static final int MAX_PORT = 65_535;
  private static final Pattern ADDRESS =
      Pattern.compile("\\[?([0-9a-fA-F.:]{2,45})\\]?:(\\d{1,5})");

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
    var parts = ADDRESS.matcher(text);
    var bytes = parts.matches() ? NetUtil.createByteArrayFromIpAddressString(parts.group(1)) : null;
    var port = bytes == null ? 0 : Integer.parseInt(parts.group(2));
    if (bytes == null || port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "address [" + Printable.of(text) + "]; expected an IP address and a port");
    }
    try {
      var address = InetAddress.getByAddress(bytes);
      if (address.isAnyLocalAddress()
          || address.isMulticastAddress()
          || bytes[0] == (byte) 0xff
          || (address.isLoopbackAddress() && !from.isLoopbackAddress())) {
        throw new IllegalArgumentException(
            "address [" + Printable.of(text) + "]; expected one that leads to a peer");
      }
      return new InetSocketAddress(address, port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
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
