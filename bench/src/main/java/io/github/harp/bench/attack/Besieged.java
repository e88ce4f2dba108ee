// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.harp.bench.attack.kinds.AttackKind;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.peers.place.Place;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/** Several attacks, one after the other, and the table of what they came to. */
public final class Besieged {
  /** Stands for every attack there is. */
  private static final String ALL = "all";

  private Besieged() {}

  /** The names of all attacks, in their order. */
  public static List<String> names() {
    return AttackKind.names();
  }

  /**
   * Tries them all. One that kept others waiting is tried once more, since a machine that is busy
   * keeps everybody waiting now and then; it ends no process.
   *
   * @param printer gets the table line by line
   * @return whether HaRP endured each of them in one of two tries, and lived through both
   */
  public static boolean endures(
      Place place,
      HarpVariant variant,
      List<String> names,
      Duration duration,
      Consumer<String> printer) {
    quiet();
    try (var siege = new Siege(place, variant, duration)) {
      return endures(siege::endure, names.equals(List.of(ALL)) ? names() : names, printer);
    }
  }

  static boolean endures(
      Function<String, Verdict> siege, List<String> names, Consumer<String> printer) {
    boolean endured = true;
    printer.accept(Verdict.HEAD);
    for (var name : names) {
      var verdict = siege.apply(name);
      printer.accept(verdict.line());
      if (verdict.isFault()) {
        endured &= verdict.isAlive();
        verdict = siege.apply(name);
        printer.accept(verdict.line());
      }
      endured &= !verdict.isFault();
    }
    return endured;
  }

  /** Without a configuration Logback prints every detail of each handshake. */
  private static void quiet() {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.WARN);
    }
  }
}
