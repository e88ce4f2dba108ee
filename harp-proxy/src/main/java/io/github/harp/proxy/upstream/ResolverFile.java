// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code resolv.conf} says: whom to ask, and which names to ask for. A name server's port may
 * be given as in {@code nameserver [127.0.0.1]:5353}.
 *
 * @param nameServers at least one, the first to ask in front
 * @param search domains that short names may be in
 * @param ndots a name with so many dots is tried as it stands first
 */
record ResolverFile(List<InetSocketAddress> nameServers, List<String> search, int ndots) {

  private static final int PORT = 53;
  private static final int MAX_NAME_SERVERS = 3;
  private static final int MAX_SEARCH = 6;
  private static final int MAX_NDOTS = 15;

  static ResolverFile parse(String text) {
    var nameServers = new ArrayList<InetSocketAddress>();
    var search = List.<String>of();
    int ndots = 1;
    for (var line : text.lines().toList()) {
      var fields = line.strip().split("\\s+");
      var values = Arrays.asList(fields).subList(1, fields.length);
      switch (fields[0]) {
        case "nameserver" ->
            values.stream()
                .limit(1)
                .map(ResolverFile::server)
                .forEach(
                    server -> {
                      if (server != null && nameServers.size() < MAX_NAME_SERVERS) {
                        nameServers.add(server);
                      }
                    });
        case "search", "domain" ->
            search =
                values.stream()
                    .map(ResolverFile::withoutDots)
                    .filter(domain -> !domain.isEmpty())
                    .limit(MAX_SEARCH)
                    .toList();
        case "options" -> ndots = ndots(values, ndots);
        default -> {
          // Comments, and what only the C library knows.
        }
      }
    }
    if (nameServers.isEmpty()) {
      nameServers.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
    }
    return new ResolverFile(List.copyOf(nameServers), search, ndots);
  }

  /** The names to ask for in place of one, in their order. */
  List<String> candidates(String name) {
    if (name.endsWith(".") || search.isEmpty()) {
      return List.of(name);
    }
    var candidates = new ArrayList<String>();
    search.forEach(domain -> candidates.add(name + "." + domain));
    boolean first = name.chars().filter(character -> character == '.').count() >= ndots;
    candidates.add(first ? 0 : candidates.size(), name);
    return candidates;
  }

  private static @Nullable InetSocketAddress server(String text) {
    int bracket = text.startsWith("[") ? text.indexOf("]:") : -1;
    try {
      var host = bracket < 0 ? text : text.substring(1, bracket);
      int port = bracket < 0 ? PORT : Integer.parseInt(text.substring(bracket + 2));
      int zone = host.indexOf('%');
      return NetUtil.isValidIpV4Address(host)
              || NetUtil.isValidIpV6Address(zone < 0 ? host : host.substring(0, zone))
          ? new InetSocketAddress(InetAddress.getByName(host), port)
          : null;
    } catch (UnknownHostException | IllegalArgumentException notAnAddress) {
      return null;
    }
  }

  private static int ndots(List<String> options, int otherwise) {
    return options.stream()
        .filter(option -> option.matches("ndots:\\d{1,6}"))
        .map(option -> Math.min(Integer.parseInt(option.substring(6)), MAX_NDOTS))
        .reduce(otherwise, (earlier, later) -> later);
  }

  private static String withoutDots(String domain) {
    return domain.replaceAll("^\\.+|\\.+$", "");
  }
}
