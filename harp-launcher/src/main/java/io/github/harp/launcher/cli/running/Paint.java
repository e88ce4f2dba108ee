// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.notice.Visible;
import io.github.harp.launcher.Shell;

/** Text for a terminal, in colours where it has some. What comes from outside stays text. */
enum Paint {
  BOLD("1"),
  RED("31"),
  GREEN("32"),
  YELLOW("33");

  private static final String ESCAPE = "\u001b[";

  /** Moves to the first line and wipes what is below. */
  static final String CLEAR = ESCAPE + "H" + ESCAPE + "J";

  private final String code;

  Paint(String code) {
    this.code = code;
  }

  String on(Shell shell, String text) {
    var seen = Visible.text(text);
    return shell.isTerminal() ? ESCAPE + code + "m" + seen + ESCAPE + "0m" : seen;
  }
}
