// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.upstream;

import io.github.harp.core.EngineNumber;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;

/** The container engines that are reachable now. Thread-safe. */
public interface Engines {

  /** The engine with this number; empty when none is configured or dialled in under it. */
  Optional<Upstream> find(EngineNumber number);

  /** The numbers of all engines known now. */
  SortedSet<EngineNumber> numbers();

  /** Those that are known from the start and never change. */
  static Engines of(Map<EngineNumber, ? extends Upstream> engines) {
    var known = new TreeMap<EngineNumber, Upstream>(engines);
    return new Engines() {
      @Override
      public Optional<Upstream> find(EngineNumber number) {
        return Optional.ofNullable(known.get(number));
      }

      @Override
      public SortedSet<EngineNumber> numbers() {
        return Collections.unmodifiableSortedSet(known.navigableKeySet());
      }
    };
  }
}
