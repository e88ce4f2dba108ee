// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.upstream.Upstream;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A container engine that needs no tunnel, by where it listens. */
public sealed interface LocalEngine {

  /** How it is reached. */
  Upstream upstream(HostNames names, Duration connectTimeout);

  /** The socket on this host, if it is one. */
  Optional<Path> socket();

  /** At a unix socket on this host. */
  record Unix(Path path) implements LocalEngine {
    @Override
    public Upstream upstream(HostNames names, Duration connectTimeout) {
      return new UnixUpstream(path, connectTimeout);
    }

    @Override
    public Optional<Path> socket() {
      return Optional.of(path);
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /** At a TCP address, without TLS. */
  record Tcp(String host, int port) implements LocalEngine {
    @Override
    public Upstream upstream(HostNames names, Duration connectTimeout) {
      return new Named(host, port, names, connectTimeout);
    }

    @Override
    public Optional<Path> socket() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "tcp://" + new ListenAddress(host, port);
    }

    /** Resolved whenever it is connected to. */
    private record Named(String host, int port, HostNames names, Duration connectTimeout)
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
        return "tcp://" + IpAddresses.inUrl(host) + ":" + port;
      }
    }
  }

  /**
   * Reads {@code 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375}.
   *
   * @throws IllegalArgumentException saying what is expected
   */
  static Map<EngineNumber, LocalEngine> parseAll(String text) {
    var engines = new TreeMap<EngineNumber, LocalEngine>();
    for (var item : text.split(",", -1)) {
      if (item.isBlank()) {
        continue;
      }
      int equals = item.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(EXPECTED);
      }
      var number =
          EngineNumber.parse(item.substring(0, equals).strip())
              .orElseThrow(() -> new IllegalArgumentException(EXPECTED));
      if (engines.put(number, parse(item.substring(equals + 1).strip())) != null) {
        throw new IllegalArgumentException(
            "each engine's number once, and not " + number + " twice");
      }
    }
    return Map.copyOf(engines);
  }

  private static LocalEngine parse(String text) {
    if (text.startsWith("unix:///")) {
      return new Unix(Path.of(text.substring("unix://".length())));
    }
    if (text.startsWith("tcp://")) {
      var address = ListenAddress.parse(text.substring("tcp://".length()));
      if (address.port() > 0) {
        return new Tcp(address.host(), address.port());
      }
    }
    throw new IllegalArgumentException(EXPECTED);
  }

  /** What a list of engines looks like. */
  String EXPECTED =
      "a list of number=address with numbers "
          + EngineNumber.RANGE
          + ", such as"
          + " 24000=unix:///var/run/docker.sock,24007=tcp://10.0.0.7:2375";
}
