// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.ExAppName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of a Kubernetes object that belongs to a container or volume name. Of one that is too
 * long the end becomes a digest, so that two that begin alike stay two (W24); the original cuts it
 * off.
 */
public final class KubernetesName {

  private static final int MAX_LENGTH = 63;
  private static final int DIGEST_BYTES = 4;

  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

  private static final String FIRST = of(ExAppName.PREFIX) + "-";

  private static final Pattern FURTHER = Pattern.compile("nc-[a-z0-9]{1,32}-app-");

  private KubernetesName() {}

  public static String of(String name) {
    var dashed =
        name.toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9-]", "-")
            .replaceAll("-+", "-")
            .replaceAll("^-|-$", "");
    if (dashed.length() > MAX_LENGTH) {
      return dashed.substring(0, MAX_LENGTH - 2 * DIGEST_BYTES - 1).replaceAll("-$", "")
          + "-"
          + digest(name);
    }
    return dashed.isEmpty() ? "exapp" : dashed;
  }

  /** The text as the value of a label, which may be more than a name. */
  public static String label(String text) {
    return LABEL.matcher(text).matches() ? text : of(text);
  }

  /**
   * Whether an object may be one of the Nextcloud whose containers' names begin so: all of a
   * further one are called after it, the first has all others.
   */
  public static boolean isOf(String prefix, String object) {
    return prefix.equals(ExAppName.PREFIX)
        ? object.startsWith(FIRST) || !FURTHER.matcher(object).lookingAt()
        : object.startsWith(of(prefix) + "-");
  }

  private static String digest(String name) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }
}
