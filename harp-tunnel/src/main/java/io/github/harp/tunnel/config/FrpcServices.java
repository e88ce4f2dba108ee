// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelProxy.ForVisitors;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.TunnelVisitor.Straight;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What frpc's keys say of services: those that are offered, and those of others. */
final class FrpcServices {

  private static final Pattern HOST_AND_PORT = Pattern.compile("(?:\\[(.+)]|([^:]+)):(\\d{1,5})");

  private final Section root;
  private final Warning warning;

  /** Warns of a key that has no effect, if it is there. */
  interface Warning {
    void ifPresent(Section section, String prefix, String key);
  }

  FrpcServices(Section root, Warning warning) {
    this.root = root;
    this.warning = warning;
  }

  /** Who tells how this host is seen, if the file says it. */
  Optional<InetSocketAddress> stunServer() {
    var text = root.text("natHoleStunServer");
    var parts = text.map(HOST_AND_PORT::matcher).filter(found -> found.matches());
    var port = parts.map(found -> Integer.parseInt(found.group(3))).filter(PortRange.ALL::contains);
    if (text.isPresent() && port.isEmpty()) {
      root.wrong("natHoleStunServer", text.get() + "; expected a host and a port, host:3478");
    }
    return port.map(
        number -> {
          var bracketed = parts.orElseThrow().group(1);
          return InetSocketAddress.createUnresolved(
              bracketed == null ? parts.get().group(2) : bracketed, number);
        });
  }

  List<TunnelVisitor> visitors() {
    var visitors = new ArrayList<TunnelVisitor>();
    for (var section : root.list("visitors")) {
      boolean enabled = section.flag("enabled", true);
      visitor(section)
          .filter(visitor -> enabled && isWanted(visitor.name()))
          .ifPresent(visitors::add);
    }
    return visitors;
  }

  private Optional<TunnelVisitor> visitor(Section section) {
    var type = section.text("type").orElse("nothing");
    var way = ProxyType.named(type).filter(kind -> kind != ProxyType.TCP);
    if (way.isEmpty()) {
      section.wrong("type", type + " is not supported; expected stcp or xtcp");
    }
    FrpcOptionsReader.refuse(section, "plugin", "is not supported");
    var protocol = section.text("protocol").orElse("quic");
    if (!protocol.equals("quic")) {
      section.wrong("protocol", protocol + " is not spoken between peers here; expected quic");
    }
    var transport = section.section("transport");
    boolean encrypted = transport.flag("useEncryption", false);
    boolean compressed = transport.flag("useCompression", false);
    var address = address(section);
    try {
      var visitor =
          new TunnelVisitor(
              section.text("name").orElse(""),
              way.orElse(ProxyType.STCP),
              service(section),
              section.text("secretKey").orElse(""),
              address,
              encrypted,
              compressed,
              straight(section));
      return way.map(known -> visitor);
    } catch (IllegalArgumentException e) {
      section.wrong("name", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** A proxy's name has its client's user in front, which is ours unless it says another. */
  private String service(Section section) {
    var name = section.text("serverName").orElse("");
    var user = section.text("serverUser").or(() -> root.text("user"));
    return user.filter(known -> !name.isEmpty()).map(known -> known + "." + name).orElse(name);
  }

  /** Where users connect; a negative port is nowhere. */
  private static Optional<InetSocketAddress> address(Section section) {
    var text = section.text("bindAddr").orElse("127.0.0.1");
    int port = section.number("bindPort", 0);
    var address =
        NetUtil.createInetAddressFromIpAddressString(text.equals("localhost") ? "127.0.0.1" : text);
    if (address == null) {
      section.wrong("bindAddr", text + "; expected an IP address");
    }
    if (port >= 0 && !PortRange.ALL.contains(port)) {
      section.wrong(
          "bindPort", port + "; expected 1-65535, or -1 for what is another's fallback only");
    }
    return port < 0 || address == null
        ? Optional.empty()
        : Optional.of(new InetSocketAddress(address, Math.min(port, PortRange.ALL.last())));
  }

  private static Straight straight(Section section) {
    var usual = Straight.USUAL;
    return new Straight(
        section.flag("keepTunnelOpen", usual.keptOpen()),
        section.number("maxRetriesAnHour", usual.mostTriesAnHour()),
        Duration.ofSeconds(
            section.number("minRetryInterval", (int) usual.leastBetweenTries().toSeconds())),
        section.text("fallbackTo"),
        Duration.ofMillis(
            section.number("fallbackTimeoutMs", (int) usual.fallbackAfter().toMillis())),
        section.section("natTraversal").flag("disableAssistedAddrs", false));
  }

  private boolean isWanted(String name) {
    var wanted = root.texts("start");
    return wanted.isEmpty() || wanted.contains(name);
  }

  List<TunnelProxy> proxies() {
    var proxies = new ArrayList<TunnelProxy>();
    for (var section : root.list("proxies")) {
      boolean enabled = section.flag("enabled", true);
      var name = section.text("name");
      proxy(section).filter(proxy -> enabled).ifPresent(proxies::add);
      if (name.isEmpty()) {
        section.wrong("name", "is missing; expected a name that is unique on the server");
      }
    }
    proxies.removeIf(proxy -> !isWanted(proxy.name()));
    return proxies;
  }

  private Optional<TunnelProxy> proxy(Section section) {
    var type = section.text("type").orElse("");
    var way = type.isEmpty() ? Optional.<ProxyType>empty() : ProxyType.named(type);
    if (way.isEmpty()) {
      section.wrong(
          "type",
          (type.isEmpty() ? "nothing" : type) + " is not supported; expected tcp, stcp or xtcp");
    }
    var transport = section.section("transport");
    FrpcOptionsReader.refuse(transport, "bandwidthLimit", "is not supported");
    FrpcOptionsReader.refuse(transport, "bandwidthLimitMode", "is not supported");
    FrpcOptionsReader.refuse(transport, "proxyProtocolVersion", "is not supported");
    FrpcOptionsReader.refuse(section, "loadBalancer", "groups are not supported");
    FrpcOptionsReader.refuse(section, "healthCheck", "health checks are not supported");
    FrpcOptionsReader.refuse(
        section, "metadatas", "are not supported in a proxy; expected them at the top");
    warning.ifPresent(section, "proxies.", "annotations");
    boolean encrypted = transport.flag("useEncryption", false);
    boolean compressed = transport.flag("useCompression", false);
    int remotePort = section.number("remotePort", 0);
    var name = section.text("name").orElse("");
    try {
      var visitors = way.filter(kind -> kind != ProxyType.TCP).map(kind -> visitors(section, kind));
      return target(section)
          .filter(target -> !name.isEmpty())
          .map(
              target -> new TunnelProxy(name, remotePort, target, encrypted, compressed, visitors));
    } catch (IllegalArgumentException e) {
      section.wrong(
          way.equals(Optional.of(ProxyType.TCP)) ? "remotePort" : "visitors",
          String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static ForVisitors visitors(Section section, ProxyType way) {
    return new ForVisitors(
        way,
        section.text("secretKey").orElse(""),
        section.texts("allowUsers"),
        section.section("natTraversal").flag("disableAssistedAddrs", false));
  }

  private static Optional<TunnelTarget> target(Section section) {
    var localIp = section.text("localIP").orElse("127.0.0.1");
    int localPort = section.number("localPort", 0);
    if (!section.has("plugin")) {
      if (!PortRange.ALL.contains(localPort)) {
        section.wrong("localPort", localPort + " is no port; expected 1-65535, or a plugin");
        return Optional.empty();
      }
      return Optional.of(new TunnelTarget.Tcp(localIp, localPort));
    }
    var plugin = section.section("plugin");
    var type = plugin.text("type").orElse("nothing");
    if (!type.equals("unix_domain_socket")) {
      plugin.wrong("type", type + " is not supported; expected unix_domain_socket");
      return Optional.empty();
    }
    var path = plugin.text("unixPath");
    if (path.isEmpty()) {
      plugin.wrong("unixPath", "is missing; expected the path of a unix socket");
    }
    return path.map(Path::of).map(TunnelTarget.UnixSocket::new);
  }
}
