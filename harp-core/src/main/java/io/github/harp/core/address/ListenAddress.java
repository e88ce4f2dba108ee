// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where to listen.
 *
 * @param host an IP address without brackets, or a name
 * @param port 0 for one that is free
 */
public record ListenAddress(String host, int port) {

  private static final String EXPECTED =
      "address:port, such as 0.0.0.0:8780, [::]:8780 or *:8780, with a port up to 65535";

  /**
   * Reads {@code 0.0.0.0:8780}, {@code *:8780}, {@code :8780}, {@code [::]:8780}, {@code :::8780}
   * and {@code localhost:8780}.
   *
   * @throws IllegalArgumentException saying what is expected
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return new ListenAddress(host(text.substring(0, colon)), port(text.substring(colon + 1)));
  }

  /** Reads several, with commas between them. */
  public static List<ListenAddress> parseList(String text) {
    var addresses = new ArrayList<ListenAddress>();
    for (var address : text.split(",", -1)) {
      addresses.add(parse(address.strip()));
    }
    return List.copyOf(addresses);
  }

  /** The address to bind to; names are looked up now. */
  public InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  /** The same end seen from this host: loopback where it listens on all addresses. */
  public ListenAddress seenFromHere() {
    return switch (host) {
      case "0.0.0.0" -> new ListenAddress("127.0.0.1", port);
      case "::" -> new ListenAddress("::1", port);
      default -> this;
    };
  }

  @Override
  public String toString() {
    return IpAddresses.inUrl(host) + ":" + port;
  }

  private static String host(String text) {
    if (text.isEmpty() || text.equals("*")) {
      return "0.0.0.0";
    }
    boolean bracketed = text.startsWith("[") && text.endsWith("]");
    var host = bracketed ? text.substring(1, text.length() - 1) : text;
    if (bracketed || host.indexOf(':') >= 0 ? !NetUtil.isValidIpV6Address(host) : !isName(host)) {
      throw new IllegalArgumentException(EXPECTED);
    }
    return host;
  }

  private static boolean isName(String host) {
    return NetUtil.isValidIpV4Address(host)
        || host.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
            && !host.matches("[0-9.]+");
  }

  private static int port(String text) {
    return Ports.parse(text).orElseThrow(() -> new IllegalArgumentException(EXPECTED));
  }
}
