// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a container. Its order stays, since AppAPI reads some variables back by index;
 * of several entries with one name the last counts, as it does for the process in the container.
 * Values are secret: the text tells how many there are.
 *
 * @param entries {@code NAME=value} each
 */
public record ContainerEnvironment(List<String> entries) {

  public ContainerEnvironment {
    entries = List.copyOf(entries);
  }

  public static ContainerEnvironment of(String... entries) {
    return new ContainerEnvironment(List.of(entries));
  }

  /** The value that counts; empty without one. */
  public Optional<String> get(String name) {
    var start = name + "=";
    return entries.stream()
        .filter(entry -> entry.startsWith(start))
        .reduce((first, second) -> second)
        .map(entry -> entry.substring(start.length()));
  }

  /** Each name with the value that counts; empty where there is no {@code =}. */
  public Map<String, String> variables() {
    var values = new LinkedHashMap<String, String>();
    for (var entry : entries) {
      var parts = entry.split("=", 2);
      values.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    return values;
  }

  /** The same with another value in each place where the name is, or at the end. */
  public ContainerEnvironment with(String name, String value) {
    var start = name + "=";
    var changed = new ArrayList<String>();
    var found = false;
    for (var entry : entries) {
      var matches = entry.startsWith(start);
      found |= matches;
      changed.add(matches ? start + value : entry);
    }
    if (!found) {
      changed.add(start + value);
    }
    return new ContainerEnvironment(changed);
  }

  @Override
  public String toString() {
    return entries.size() + " variables";
  }
}
