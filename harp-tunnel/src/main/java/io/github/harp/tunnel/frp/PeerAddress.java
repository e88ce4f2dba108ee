// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where one peer says that it is, {@code ip:port}: the other sends datagrams there, so it is read
 * strictly.
 */
public final class PeerAddress {

  private static final int MAX_PORT = 65_535;
  private static final byte BROADCAST = (byte) 0xff;
  private static final Pattern ADDRESS =
      Pattern.compile("\\[?([0-9a-fA-F.:]{2,45})\\]?:(\\d{1,5})");

  private PeerAddress() {}

  /** Empty if it is no IP address with a port; names are not resolved. */
  public static Optional<InetSocketAddress> read(String text) {
    var parts = ADDRESS.matcher(text);
    var bytes = parts.matches() ? NetUtil.createByteArrayFromIpAddressString(parts.group(1)) : null;
    var port = bytes == null ? 0 : Integer.parseInt(parts.group(2));
    if (bytes == null || port < 1 || port > MAX_PORT) {
      return Optional.empty();
    }
    try {
      return Optional.of(new InetSocketAddress(InetAddress.getByAddress(bytes), port));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }

  /**
   * Whether there may be a peer: only who is on this host may name addresses on it.
   *
   * @param from who names it
   */
  public static boolean leadsToPeer(InetAddress address, InetAddress from) {
    return !address.isAnyLocalAddress()
        && !address.isMulticastAddress()
        && address.getAddress()[0] != BROADCAST
        && (!address.isLoopbackAddress() || from.isLoopbackAddress());
  }
}
