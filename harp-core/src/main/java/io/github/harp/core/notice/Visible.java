// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.notice;

/**
 * Text in which every character is seen: what moves the cursor, ends a line, turns the direction of
 * writing or has no shape is written as an escape such as {@code \n} or {@code \u202e}. Nobody can
 * forge or hide a part of a line with what comes from outside.
 */
public final class Visible {

  private Visible() {}

  /** For people; a space stays a space. */
  public static String text(String text) {
    return escaped(text, true);
  }

  /** For JSON that is already encoded: in it, such characters stand inside of strings only. */
  public static String json(String json) {
    return escaped(json, false);
  }

  private static String escaped(String text, boolean shortForms) {
    int plain = plainUpTo(text);
    if (plain == text.length()) {
      return text;
    }
    var escaped = new StringBuilder(text.length() + 32).append(text, 0, plain);
    for (int i = plain; i < text.length(); ) {
      int character = text.codePointAt(i);
      int length = Character.charCount(character);
      if (isSeen(character)) {
        escaped.appendCodePoint(character);
      } else if (shortForms && "\n\r\t".indexOf(character) >= 0) {
        escaped.append(character == '\n' ? "\\n" : character == '\r' ? "\\r" : "\\t");
      } else {
        for (int unit = i; unit < i + length; unit++) {
          escaped.append(String.format("\\u%04x", (int) text.charAt(unit)));
        }
      }
      i += length;
    }
    return escaped.toString();
  }

  /** Nearly all lines are ASCII. */
  private static int plainUpTo(String text) {
    int i = 0;
    while (i < text.length() && text.charAt(i) >= ' ' && text.charAt(i) <= '~') {
      i++;
    }
    return i;
  }

  private static boolean isSeen(int character) {
    if (character >= ' ' && character <= '~') {
      return true;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> !isShapeless(character);
    };
  }

  /** Letters and marks by their kind that are drawn as nothing. */
  private static boolean isShapeless(int character) {
    return switch (character) {
      // A joiner, fillers of Hangul, inherent vowels of Khmer, an empty pattern of Braille.
      case 0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x17B4, 0x17B5, 0x2800 -> true;
      default ->
          // Selectors of variants.
          (character >= 0x180B && character <= 0x180F)
              || (character >= 0xFE00 && character <= 0xFE0F)
              || (character >= 0xE0100 && character <= 0xE01EF);
    };
  }
}
