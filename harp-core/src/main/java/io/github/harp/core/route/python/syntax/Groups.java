// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python.syntax;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The groups of a pattern while it is being parsed, and what may refer to them. */
final class Groups {
  private final List<@Nullable Width> widths = new ArrayList<>();
  private final Map<String, Integer> names = new HashMap<>();
  private int highestCondition;

  /** How many groups there were when the outermost look-behind began; -1 outside of any. */
  private int beforeLookBehind = -1;

  Groups() {
    widths.add(null);
  }

  int open() {
    widths.add(null);
    return widths.size() - 1;
  }

  /** False when the name is taken. */
  boolean name(int number, String name) {
    return names.putIfAbsent(name, number) == null;
  }

  void close(int number, Node content) {
    widths.set(number, Width.of(content, this));
  }

  /** -1 for a name that no group has. */
  int numberOf(String name) {
    return names.getOrDefault(name, -1);
  }

  boolean exists(int number) {
    return number > 0 && number < widths.size();
  }

  boolean isClosed(int number) {
    return exists(number) && widths.get(number) != null;
  }

  /** Whether a look-behind that is being parsed, if any, began after the group was closed. */
  boolean isUsableInLookBehind(int number) {
    return beforeLookBehind < 0 || (isClosed(number) && number < beforeLookBehind);
  }

  /** Python checks conditions on group numbers when it has seen all groups. */
  void noteCondition(int number) {
    highestCondition = Math.max(highestCondition, number);
  }

  boolean allConditionsExist() {
    return highestCondition < widths.size();
  }

  /**
   * True when this look-behind is the outermost one, which {@link #leaveLookBehind} is to leave.
   */
  boolean enterLookBehind() {
    if (beforeLookBehind >= 0) {
      return false;
    }
    beforeLookBehind = widths.size();
    return true;
  }

  void leaveLookBehind() {
    beforeLookBehind = -1;
  }

  Width width(int number) {
    var width = exists(number) ? widths.get(number) : null;
    return width == null ? Width.NOTHING : width;
  }
}
