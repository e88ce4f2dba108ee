// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

/** How far something is, as a bar of a terminal. */
final class Bar {

  private static final int WIDTH = 20;

  private Bar() {}

  static String of(int percent) {
    int filled = Math.max(0, Math.min(WIDTH, percent * WIDTH / 100));
    return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + percent + " %";
  }
}
