// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.EngineAddress;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.proxy.upstream.NamedUpstream;
import io.github.harp.proxy.upstream.UnixUpstream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The configured engines that are there now. A unix socket is there when its file exists: an engine
 * that is started after HaRP is found, and until then its number is free for a tunnel.
 */
final class LocalEngines implements Engines {

  private final Map<EngineNumber, EngineAddress> addresses;
  private final Engines engines;

  private LocalEngines(Map<EngineNumber, EngineAddress> addresses, Engines engines) {
    this.addresses = addresses;
    this.engines = engines;
  }

  static LocalEngines of(Configuration configuration, HostNames names) {
    return of(configuration.engines(), names, configuration.timeouts().upstream().connect());
  }

  static LocalEngines of(
      Map<EngineNumber, EngineAddress> addresses, HostNames names, Duration connectTimeout) {
    var upstreams = new TreeMap<EngineNumber, Upstream>();
    addresses.forEach(
        (number, address) -> upstreams.put(number, upstream(address, names, connectTimeout)));
    return new LocalEngines(addresses, Engines.of(upstreams));
  }

  private static Upstream upstream(
      EngineAddress address, HostNames names, Duration connectTimeout) {
    return address.fold(
        unix -> new UnixUpstream(unix.path(), connectTimeout),
        tcp -> new NamedUpstream(tcp.host(), tcp.port(), names, connectTimeout));
  }

  @Override
  public Optional<Upstream> find(EngineNumber number) {
    return isThere(number) ? engines.find(number) : Optional.empty();
  }

  @Override
  public SortedSet<EngineNumber> numbers() {
    var present = new TreeSet<>(engines.numbers());
    present.removeIf(number -> !isThere(number));
    return present;
  }

  private boolean isThere(EngineNumber number) {
    return Optional.ofNullable(addresses.get(number))
        .flatMap(EngineAddress::socket)
        .map(socket -> Files.exists(socket))
        .orElse(true);
  }
}
