// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.serve;

import io.github.harp.core.Engines;
import io.github.harp.core.Upstream;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.EngineAddress;
import io.github.harp.proxy.upstream.HostNames;
import io.github.harp.proxy.upstream.StaticEngines;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The configured engines that are there now. A unix socket is there when its file exists: an engine
 * that is started after HaRP is found, and until then its number is free for a tunnel.
 */
final class LocalEngines implements Engines {

  private final Map<Integer, EngineAddress> addresses;
  private final Engines engines;

  private LocalEngines(Map<Integer, EngineAddress> addresses, Engines engines) {
    this.addresses = addresses;
    this.engines = engines;
  }

  static LocalEngines of(Configuration configuration, HostNames names) {
    var addresses = configuration.engines();
    var text =
        addresses.entrySet().stream()
            .map(engine -> engine.getKey() + "=" + engine.getValue())
            .collect(Collectors.joining(","));
    return new LocalEngines(
        addresses, StaticEngines.parse(text, names, configuration.timeouts().connect()));
  }

  @Override
  public Optional<Upstream> find(int port) {
    return isThere(port) ? engines.find(port) : Optional.empty();
  }

  @Override
  public SortedSet<Integer> ports() {
    var present = new TreeSet<>(engines.ports());
    present.removeIf(port -> !isThere(port));
    return present;
  }

  private boolean isThere(int port) {
    return !(addresses.get(port) instanceof EngineAddress.Unix unix) || Files.exists(unix.socket());
  }
}
