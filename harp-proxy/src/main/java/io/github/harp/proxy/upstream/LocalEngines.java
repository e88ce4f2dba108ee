// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The engines without a tunnel that are there now. A unix socket is there when its file exists: an
 * engine that is started later is found, and until then its number is free for a tunnel.
 */
public record LocalEngines(
    Map<EngineNumber, LocalEngine> engines, HostNames names, Duration connectTimeout)
    implements Engines {

  public LocalEngines {
    engines = Map.copyOf(engines);
  }

  @Override
  public Optional<Upstream> find(EngineNumber number) {
    return Optional.ofNullable(engines.get(number))
        .filter(LocalEngines::isThere)
        .map(engine -> engine.upstream(names, connectTimeout));
  }

  @Override
  public SortedSet<EngineNumber> numbers() {
    var present = new TreeSet<EngineNumber>();
    engines.forEach(
        (number, engine) -> {
          if (isThere(engine)) {
            present.add(number);
          }
        });
    return present;
  }

  private static boolean isThere(LocalEngine engine) {
    return engine.socket().map(Files::exists).orElse(true);
  }
}
