// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;

/**
 * Where a peer can be found.
 *
 * @param socket what is to be found
 * @param mapped as the outside sees it, twice
 * @param own in this host's own networks
 */
record Whereabouts(Channel socket, List<InetSocketAddress> mapped, List<InetAddress> own) {

  private static final int MOST_OWN = 10;

  /** This host's addresses that somebody near it could use, as frpc chooses them. */
  static List<InetAddress> ownAddresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> address instanceof Inet4Address)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .limit(MOST_OWN)
          .toList();
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> mappedTexts() {
    return mapped.stream().map(NetUtil::toSocketAddressString).toList();
  }

  List<String> ownTexts() {
    var port = ((InetSocketAddress) socket.localAddress()).getPort();
    return own.stream().map(address -> address.getHostAddress() + ":" + port).toList();
  }
}
