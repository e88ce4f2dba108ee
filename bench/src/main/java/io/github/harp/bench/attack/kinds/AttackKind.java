// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.github.harp.bench.BenchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One way to attack.
 *
 * @param name how it is asked for
 * @param door where it knocks
 * @param connections as many at a time; one that ends is opened again
 * @param script what happens on each of them
 */
public record AttackKind(String name, Door door, int connections, Script script) {
  /** The name under which nobody attacks, to see what the machine itself makes others wait. */
  static final String NOBODY = "nobody";

  /** What joins kinds that attack together. */
  private static final String AND = "+";

  private static final Map<String, AttackKind> ALL = new LinkedHashMap<>();

  static {
    Stream.of(Http1Attacks.ALL, Http2Attacks.ALL, ExAppAttacks.ALL, TunnelAttacks.ALL)
        .flatMap(List::stream)
        .forEach(kind -> ALL.put(kind.name, kind));
  }

  /** What one connection does, from the moment when it is open; runs on its event loop. */
  @FunctionalInterface
  public interface Script {
    void begin(Line line);
  }

  /** The kinds that a name such as {@code a+b} stands for. */
  static List<AttackKind> named(String names) {
    if (names.equals(NOBODY)) {
      return List.of();
    }
    return Arrays.stream(names.split("\\" + AND)).map(AttackKind::one).toList();
  }

  /** How many connections there are at a time. */
  public static long connections(String names) {
    return named(names).stream().mapToLong(AttackKind::connections).sum();
  }

  /** Names of kinds and mixtures, in the order in which they are tried. */
  public static List<String> names() {
    var names = new ArrayList<>(List.of(NOBODY));
    names.addAll(ALL.keySet());
    names.addAll(ExAppAttacks.MIXTURES);
    return names;
  }

  private static AttackKind one(String name) {
    var kind = ALL.get(name);
    if (kind == null) {
      throw new BenchException("attack '" + name + "' is unknown; there are " + names());
    }
    return kind;
  }
}
