// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.core.notice.Visible;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which names a file may have that comes from somebody else: none leads out of its folder. */
final class EntryName {

  /** Where a fetch keeps what is not whole yet. */
  static final String STAGING = ".harp-fetch";

  private static final int MOST_BYTES = 255;
  private static final int MOST_BYTES_OF_PATH = 4_096;
  private static final int MOST_DEPTH = 64;
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*", Pattern.DOTALL);
  private static final Set<String> DOTS = Set.of(".", "..");

  private EntryName() {}

  /** What is wrong with a path, in words that show it. */
  static Optional<String> objection(String path) {
    var names = path.split("/", -1);
    if (path.getBytes(UTF_8).length > MOST_BYTES_OF_PATH || names.length > MOST_DEPTH) {
      return Optional.of(
          "%s…: a path of %d names and %d characters; expected at most %d and %d bytes"
              .formatted(
                  Visible.text(path.substring(0, Math.min(path.length(), 40))),
                  names.length,
                  path.length(),
                  MOST_DEPTH,
                  MOST_BYTES_OF_PATH));
    }
    for (var i = 0; i < names.length; i++) {
      var name = names[i];
      var mistake = mistakeIn(name, i == 0);
      if (!mistake.isEmpty()) {
        return Optional.of("'%s': %s".formatted(Visible.text(path), mistake));
      }
    }
    return Optional.empty();
  }

  private static String mistakeIn(String name, boolean isFirst) {
    if (name.isEmpty()) {
      return "an absolute path, or a name without characters";
    }
    if (DOTS.contains(name)) {
      return "'" + name + "' is no name of a file";
    }
    if (name.getBytes(UTF_8).length > MOST_BYTES) {
      return "a name of more than " + MOST_BYTES + " bytes";
    }
    if (name.indexOf('\\') >= 0 || DRIVE.matcher(name).matches()) {
      return "a backslash or a drive letter, which is a path elsewhere";
    }
    if (name.codePoints().anyMatch(EntryName::deceives)) {
      return "a character that ends a line or turns the direction of writing";
    }
    return isFirst && folded(name).equals(STAGING)
        ? "the name of the folder for unfinished files"
        : "";
  }

  private static boolean deceives(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      case Character.FORMAT ->
          switch (Character.getDirectionality(character)) {
            case Character.DIRECTIONALITY_BOUNDARY_NEUTRAL -> false;
            default -> true;
          };
      default -> false;
    };
  }

  /** Names that are one to file systems without case or with composed characters only. */
  static String folded(String path) {
    return Normalizer.normalize(path, Normalizer.Form.NFC)
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT);
  }
}
