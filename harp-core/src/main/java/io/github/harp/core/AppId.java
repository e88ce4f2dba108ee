// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.github.harp.core.notice.Excerpt;
import java.util.Locale;
import java.util.Optional;

/**
 * The id of an ExApp. It ends up in URLs, in tokens and in the names of containers, so only {@code
 * [A-Za-z0-9._-]} is allowed. Paths and orders write one id in different cases: ids are equal when
 * they differ in nothing else.
 *
 * @param text as it was written
 */
public record AppId(String text) implements Comparable<AppId> {

  /** For messages: what an id looks like. */
  public static final String FORM = "a letter or digit followed by at most 127 of [A-Za-z0-9._-]";

  private static final int LONGEST = 128;
  private static final int SHOWN = 60;

  /**
   * @throws HarpException {@code BAD_REQUEST} for what is no id
   */
  public AppId {
    require("app id", text);
  }

  /** Empty for what is no id. */
  public static Optional<AppId> parse(String text) {
    return hasForm(text) ? Optional.of(new AppId(text)) : Optional.empty();
  }

  /** The one that Nextcloud is asked about: ids are lower-case by convention. */
  public AppId inLowerCase() {
    var lower = text.toLowerCase(Locale.ROOT);
    return lower.equals(text) ? this : new AppId(lower);
  }

  /** Whatever else is in the name of a container has the same form. */
  static void require(String what, String text) {
    if (!hasForm(text)) {
      throw new HarpException(
          HarpException.Code.BAD_REQUEST,
          what + " '" + Excerpt.of(text, SHOWN) + "': expected " + FORM);
    }
  }

  private static boolean hasForm(String text) {
    if (text.isEmpty() || text.length() > LONGEST || !isAlphanumeric(text.charAt(0))) {
      return false;
    }
    for (var i = 1; i < text.length(); i++) {
      var c = text.charAt(i);
      if (!isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
  }

  @Override
  public int compareTo(AppId other) {
    return text.compareToIgnoreCase(other.text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AppId id && id.text.equalsIgnoreCase(text);
  }

  @Override
  public int hashCode() {
    return text.toLowerCase(Locale.ROOT).hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
