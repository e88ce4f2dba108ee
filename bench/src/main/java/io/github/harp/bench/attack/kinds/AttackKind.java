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
 * @param isSmall whether their sockets take 4 KiB at a time in either direction
 */
public record AttackKind(String name, Door door, int connections, Script script, boolean isSmall) {
  /** The name under which nobody attacks, to see what the machine itself makes others wait. */
  static final String NOBODY = "nobody";

  /** What joins kinds that attack together. */
  private static final String AND = "+";

  /** What stands between a kind and how it is to differ. */
  private static final String BUT = ":";

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

  AttackKind(String name, Door door, int connections, Script script) {
    this(name, door, connections, script, false);
  }

  /** The kinds that a name such as {@code a+b:small} stands for. */
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
    var parts = name.split(BUT);
    var kind = ALL.get(parts[0]);
    if (kind == null) {
      throw new BenchException("attack '" + name + "' is unknown; there are " + names());
    }
    for (int i = 1; i < parts.length; i++) {
      kind = kind.but(parts[i]);
    }
    return kind;
  }

  private AttackKind but(String how) {
    var itself = name + BUT + how;
    if (how.equals("small")) {
      return new AttackKind(itself, door, connections, script, true);
    }
    if (how.equals("tls") && door == Door.FRONT) {
      var other = Http2Attacks.ALL.contains(this) ? Door.FRONT_HTTP2_TLS : Door.FRONT_HTTPS;
      return new AttackKind(itself, other, connections, script, isSmall);
    }
    throw new BenchException(
        "attack '" + itself + "' is unknown; expected ':small', or ':tls' at the front door");
  }
}
