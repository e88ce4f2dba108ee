// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** Listens to the signals of the operating system. */
public final class Signals {

  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /**
   * Runs {@code action} at each signal of this name, on a thread of its own. A signal that the Java
   * runtime keeps for itself is logged and does what it always did.
   */
  public static void on(String name, Runnable action) {
    try {
      Signal.handle(new Signal(name), signal -> action.run());
    } catch (IllegalArgumentException e) {
      LOG.info("SIG{}: left to the Java runtime, expected to handle it: {}", name, e.getMessage());
    }
  }
}
