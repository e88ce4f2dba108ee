// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

import java.util.regex.Pattern;

/**
 * What came from outside, fit for a message: cut, and without characters that would fake another
 * line or turn the direction of this one.
 */
public final class Excerpt {
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private Excerpt() {}

  /** At most so many characters of it. */
  public static String of(String text, int length) {
    var cut = text.length() > length ? text.substring(0, length) + "…" : text;
    return UNSEEN.matcher(cut).replaceAll("?");
  }

  /** All lines of it in one. */
  public static String ofLines(String text, int length) {
    return of(text.replaceAll("\\p{Cc}+", " ").strip(), length);
  }
}
