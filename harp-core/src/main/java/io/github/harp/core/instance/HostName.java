// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host of a Nextcloud as browsers write it: in lower case, international names in ASCII,
 * without a port, without the dot at the end that means the root.
 *
 * @param text {@code cloud.example.com}, {@code 192.0.2.1} or {@code [2001:db8::1]}
 */
public record HostName(String text) {

  /** For messages: what is expected. */
  public static final String FORM =
      "a host as it stands in the address bar, such as cloud.example.com, without scheme, port and"
          + " path";

  private static final int LONGEST = 253;
  private static final int LONGEST_PORT = 5;
  private static final Pattern NAME = Pattern.compile("[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

  /** Empty for what is no host. */
  public static Optional<HostName> parse(String text) {
    try {
      var host = lower(withoutRoot(text.startsWith("[") ? text : IDN.toASCII(text)));
      var isOne =
          host.length() <= LONGEST
              && (NAME.matcher(host).matches() || IPV6.matcher(host).matches())
              && !host.contains("..");
      return isOne ? Optional.of(new HostName(host)) : Optional.empty();
    } catch (IllegalArgumentException notIn) {
      return Optional.empty();
    }
  }

  /**
   * The text of the name that a Host header asks for; null where it can't be one. What it gives is
   * not checked further: it is looked for among names that are.
   */
  static @Nullable String askedFor(String header) {
    if (header.length() > LONGEST + LONGEST_PORT + 2 || !isAscii(header)) {
      return null;
    }
    int colon = header.indexOf(':', Math.max(0, header.indexOf(']')));
    if (colon < 0) {
      return lower(withoutRoot(header));
    }
    return isPort(header, colon + 1) ? lower(withoutRoot(header.substring(0, colon))) : null;
  }

  /** Other letters may become ASCII ones in lower case. */
  private static boolean isAscii(String header) {
    return header.chars().allMatch(c -> c < 0x80);
  }

  private static boolean isPort(String header, int from) {
    return header.length() - from <= LONGEST_PORT
        && header.chars().skip(from).allMatch(c -> c >= '0' && c <= '9');
  }

  private static String withoutRoot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  private static String lower(String host) {
    return host.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return text;
  }
}
