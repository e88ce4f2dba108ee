// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Containers of which nobody knows whether they were created, because the engine's answer got lost.
 * Remembers the last {@value #MOST}. Thread-safe.
 */
public final class NamesInDoubt {

  private static final int MOST = 256;

  private final Set<String> names =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > MOST;
                }
              }));

  void add(String container) {
    names.add(container);
  }

  void remove(String container) {
    names.remove(container);
  }

  boolean contains(String container) {
    return names.contains(container);
  }
}
