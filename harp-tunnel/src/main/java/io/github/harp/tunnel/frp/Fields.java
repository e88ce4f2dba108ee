// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.github.harp.tunnel.PortRange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a field of a message is when a peer has left it out, and what it may not be. */
final class Fields {

  private Fields() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  static int port(int value) {
    if (value != 0 && !PortRange.ALL.contains(value)) {
      throw new IllegalArgumentException("port " + value + ": expected 0-65535");
    }
    return value;
  }

  static Map<String, String> texts(@Nullable Map<String, String> values) {
    if (values == null || values.isEmpty()) {
      return Map.of();
    }
    var copy = new LinkedHashMap<String, String>();
    values.forEach((name, value) -> copy.put(name, text(value)));
    return Collections.unmodifiableMap(copy);
  }

  static List<String> texts(@Nullable List<String> values) {
    if (values == null || values.isEmpty()) {
      return List.of();
    }
    var copy = new ArrayList<String>();
    values.forEach(value -> copy.add(text(value)));
    return Collections.unmodifiableList(copy);
  }
}
