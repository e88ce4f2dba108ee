// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.Engines;
import io.github.harp.core.HarpException;
import io.github.harp.core.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Container engines that are known from the start, such as {@code
 * 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375}.
 */
public final class StaticEngines implements Engines {

  private static final String EXPECTED =
      "expected <port>=unix:///path or <port>=tcp://host:port with a port from "
          + FIRST_PORT
          + " to "
          + LAST_PORT;

  private final SortedMap<Integer, Upstream> engines;

  private StaticEngines(SortedMap<Integer, Upstream> engines) {
    this.engines = Collections.unmodifiableSortedMap(engines);
  }

  public static StaticEngines of(Map<Integer, Upstream> engines) {
    return new StaticEngines(new TreeMap<>(engines));
  }

  /**
   * Reads the form above; blanks around entries and empty entries are fine.
   *
   * @param names finds hosts, at each connect
   * @throws HarpException {@code BAD_REQUEST} that names the entry that can't be read
   */
  public static StaticEngines parse(String text, HostNames names, Duration connectTimeout) {
    var engines = new TreeMap<Integer, Upstream>();
    for (var entry : text.split(",")) {
      var item = entry.trim();
      if (item.isEmpty()) {
        continue;
      }
      int equals = item.indexOf('=');
      var port = equals < 0 ? -1 : port(item.substring(0, equals).trim());
      var upstream =
          equals < 0 ? null : upstream(item.substring(equals + 1).trim(), names, connectTimeout);
      if (port < FIRST_PORT || port > LAST_PORT || upstream == null) {
        throw new HarpException(
            HarpException.Code.BAD_REQUEST, "engine '" + item + "': " + EXPECTED);
      }
      if (engines.put(port, upstream) != null) {
        throw new HarpException(
            HarpException.Code.BAD_REQUEST,
            "engine '" + item + "': its port is named twice, expected once");
      }
    }
    return new StaticEngines(engines);
  }

  private static @Nullable Upstream upstream(
      String address, HostNames names, Duration connectTimeout) {
    if (address.startsWith("unix://") && address.length() > 8 && address.charAt(7) == '/') {
      return new UnixUpstream(Path.of(address.substring(7)), connectTimeout);
    }
    if (!address.startsWith("tcp://")) {
      return null;
    }
    var hostPort = address.substring(6);
    int colon = hostPort.lastIndexOf(':');
    if (colon < 1) {
      return null;
    }
    var host = hostPort.substring(0, colon);
    int port = port(hostPort.substring(colon + 1));
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      return null;
    }
    return port < 1 || host.isEmpty() ? null : new NamedUpstream(host, port, names, connectTimeout);
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      return port <= 65535 ? port : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  @Override
  public Optional<Upstream> find(int port) {
    return Optional.ofNullable(engines.get(port));
  }

  @Override
  public SortedSet<Integer> ports() {
    return new TreeSet<>(engines.keySet());
  }

  /** A TCP host that is resolved whenever it is connected to. */
  private record NamedUpstream(String host, int port, HostNames names, Duration connectTimeout)
      implements Upstream {

    @Override
    public Future<Channel> connect(EventLoop loop) {
      return names
          .resolve(host)
          .map(addresses -> TcpUpstream.named(host, addresses, port, connectTimeout, names))
          .compose(upstream -> upstream.connect(loop));
    }

    @Override
    public String toString() {
      return "tcp://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
  }
}
