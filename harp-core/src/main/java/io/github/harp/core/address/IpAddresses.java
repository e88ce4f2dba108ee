// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one parser of addresses. An IPv4 address mapped into IPv6 is that IPv4 address; zones are
 * dropped.
 */
public final class IpAddresses {
  private static final int IPV6_BYTES = 16;
  private static final int SUBSCRIBER_BYTES = 8;
  private static final int LONGEST_ADDRESS = 100;

  /** What hosts files call it. */
  private static final Set<String> NAMES_OF_THIS_HOST =
      Set.of(
          "localhost",
          "localhost4",
          "localhost6",
          "localhost.localdomain",
          "ip6-localhost",
          "ip6-loopback");

  private IpAddresses() {}

  /** An address literal, {@code 10.0.0.7}, {@code 2001:db8::1}; null for anything else. */
  public static @Nullable InetAddress parse(String text) {
    if (text.length() > LONGEST_ADDRESS || text.indexOf('[') >= 0) {
      return null;
    }
    var bytes = NetUtil.createByteArrayFromIpAddressString(text);
    return bytes == null ? null : of(bytes);
  }

  /**
   * As {@link #parse}, with an optional port: {@code 10.0.0.7:4711}, {@code [2001:db8::1]}, {@code
   * [2001:db8::1]:4711}.
   */
  static @Nullable InetAddress parseWithPort(String text) {
    if (text.startsWith("[")) {
      var end = text.indexOf(']');
      return end > 0 && isPortOrNothing(text.substring(end + 1))
          ? parse(text.substring(1, end))
          : null;
    }
    var colon = text.indexOf(':');
    var isIpv4WithPort = colon >= 0 && colon == text.lastIndexOf(':');
    if (isIpv4WithPort) {
      return isPortOrNothing(text.substring(colon)) ? parse(text.substring(0, colon)) : null;
    }
    return parse(text);
  }

  /**
   * Whether a host, which is an address or a name, is this machine wherever one asks: loopback in
   * any spelling, and {@code 0.0.0.0} and {@code ::}, which dial loopback.
   */
  public static boolean isThisHost(String host) {
    var address = parseWithPort(host);
    if (address != null) {
      return address.isLoopbackAddress() || address.isAnyLocalAddress();
    }
    var name = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
    var lower = name.toLowerCase(Locale.ROOT);
    return NAMES_OF_THIS_HOST.contains(lower) || lower.endsWith(".localhost");
  }

  /** The address without zone, and as IPv4 where it is one. */
  static InetAddress plain(InetAddress address) {
    return address instanceof Inet6Address six && six.getScopeId() != 0
        ? of(six.getAddress())
        : address;
  }

  /** As text in its shortest form: {@code 2001:db8::1}. */
  public static String text(InetAddress address) {
    return NetUtil.toAddressString(address);
  }

  /** A host as a URL has it: an IPv6 address in brackets. */
  public static String inUrl(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** Who is one party to us: an IPv4 address, or an IPv6 /64 as its first address. */
  public static InetAddress subscriber(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address;
    }
    var bytes = address.getAddress();
    Arrays.fill(bytes, SUBSCRIBER_BYTES, IPV6_BYTES, (byte) 0);
    return of(bytes);
  }

  static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "an address of " + bytes.length + " bytes: expected 4 or 16", e);
    }
  }

  private static boolean isPortOrNothing(String text) {
    return text.isEmpty() || text.matches(":[0-9]{1,5}");
  }
}
