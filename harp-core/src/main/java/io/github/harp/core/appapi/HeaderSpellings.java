// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.appapi;

import io.netty.util.AsciiString;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A set of header names in every spelling that some server reads as the same name. CGI, WSGI and
 * PHP hand headers on as variables: case is lost, and whatever is neither a letter nor a digit
 * becomes {@code _}. So {@code EX_APP.ID} is {@code ex-app-id} to them.
 *
 * <p>Immutable. Looking a name up allocates nothing.
 */
public final class HeaderSpellings {

  private static final AsciiString[] NONE = {};

  /** By length, which a spelling does not change. */
  private final AsciiString[][] byLength;

  private HeaderSpellings(AsciiString[][] byLength) {
    this.byLength = byLength;
  }

  /**
   * @param names in lower case, with {@code -} between words
   */
  public static HeaderSpellings of(Collection<? extends CharSequence> names) {
    int longest = names.stream().mapToInt(CharSequence::length).max().orElse(0);
    var byLength = new AsciiString[longest + 1][];
    for (int length = 0; length <= longest; length++) {
      int wanted = length;
      byLength[length] =
          names.stream()
              .filter(name -> name.length() == wanted)
              .map(AsciiString::of)
              .toArray(AsciiString[]::new);
    }
    return new HeaderSpellings(byLength);
  }

  /** Whether some server reads it as one of the names. */
  public boolean contains(CharSequence name) {
    return find(name) != null;
  }

  /** Whether it is not one of the names as they are written usually, but is read as one. */
  public boolean containsAliasOf(CharSequence name) {
    var original = find(name);
    return original != null && !original.contentEqualsIgnoreCase(name);
  }

  private @Nullable AsciiString find(CharSequence name) {
    int length = name.length();
    for (var candidate : length < byLength.length ? byLength[length] : NONE) {
      if (isRead(name, candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean isRead(CharSequence name, AsciiString as) {
    for (int i = 0; i < as.length(); i++) {
      if (folded(name.charAt(i)) != as.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static char folded(char c) {
    if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
      return c;
    }
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : '-';
  }
}
