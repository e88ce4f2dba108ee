// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Addresses that count as one: an IPv4 address, or the /64 of an IPv6 address, which one user can
 * roam at will. Core's {@code IpAddresses.subscriber} again, which no tunnel may use.
 */
public record Subscriber(long bits, boolean v6) {

  private static final int V6_PREFIX_BYTES = 8;

  public static Subscriber of(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean v6 = address instanceof Inet6Address;
    byte[] counted = v6 ? Arrays.copyOf(bytes, V6_PREFIX_BYTES) : bytes;
    long bits = 0;
    for (byte part : counted) {
      bits = bits << Byte.SIZE | (part & 0xff);
    }
    return new Subscriber(bits, v6);
  }
}
