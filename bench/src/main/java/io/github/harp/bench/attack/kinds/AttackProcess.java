// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.harp.bench.attack.kinds.Door.Doors;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.slf4j.LoggerFactory;

/**
 * The main class of a JVM that attacks until it is ended; prints what it did ten times a second.
 */
public final class AttackProcess {
  /** What it prints when each connection has been made once. */
  public static final String ALL_THERE = "all are there";

  private static final long REPORT_MILLIS = 100;

  private AttackProcess() {}

  /** Arguments: kinds, joined by {@code +}; what {@link Doors} holds, in its order. */
  public static void main(String[] arguments) throws SSLException, InterruptedException {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.ERROR);
    }
    var doors =
        new Doors(
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]),
            Integer.parseInt(arguments[4]),
            Path.of(arguments[5]));
    var attackers = Attackers.start(arguments[0], doors);
    long all = AttackKind.connections(arguments[0]);
    boolean were = false;
    while (true) {
      Thread.sleep(REPORT_MILLIS);
      boolean are = attackers.tally().connections() >= all;
      if (are && !were) {
        System.out.println(ALL_THERE);
      }
      were = are;
      System.out.println(attackers.tally());
    }
  }
}
