// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Finds the variable that somebody meant who wrote another name. */
final class Spelling {

  private static final int MAX_LENGTH = 60;
  private static final int MOST_MISTAKES = 3;

  private Spelling() {}

  /** A variable with few mistakes in its name, or with something left out at its end. */
  static Optional<String> nearest(String name) {
    if (name.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    return Arrays.stream(Variable.values())
        .map(Enum::name)
        .filter(known -> mistakes(name, known) <= MOST_MISTAKES || known.startsWith(name + "_"))
        .min(Comparator.comparing(known -> mistakes(name, known)));
  }

  /** Levenshtein's distance: letters to insert, remove or replace. */
  private static int mistakes(String one, String other) {
    var previous = new int[other.length() + 1];
    Arrays.setAll(previous, i -> i);
    for (int i = 1; i <= one.length(); i++) {
      var row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(previous[j], row[j - 1]));
      }
      previous = row;
    }
    return previous[other.length()];
  }
}
