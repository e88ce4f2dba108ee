// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import org.jspecify.annotations.Nullable;

/**
 * The two halves of {@code /exapps/<app id>/<rest>}.
 *
 * @param appId as written, not decoded
 * @param rest what the ExApp sees, raw; at least {@code /}
 */
public record ExAppPath(String appId, String rest) {
  private static final String PREFIX = "/exapps/";
  private static final String ORDERS = "app_api";

  /** Null unless the path starts with the prefix and an app id. */
  public static @Nullable ExAppPath find(String path) {
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    var end = path.indexOf('/', PREFIX.length());
    var appId = path.substring(PREFIX.length(), end < 0 ? path.length() : end);
    return appId.isEmpty() ? null : new ExAppPath(appId, end < 0 ? "/" : path.substring(end));
  }

  /**
   * The same for a Nextcloud in a folder, whose proxy in front may or may not leave it in the path.
   *
   * @param folder {@code /nextcloud}; empty for none
   */
  public static @Nullable ExAppPath find(String path, String folder) {
    var found = find(path);
    return found != null || folder.isEmpty() || !path.startsWith(folder)
        ? found
        : find(path.substring(folder.length()));
  }

  /**
   * Whether the prefix stands elsewhere than at the start: a proxy that does not strip a folder.
   */
  public static boolean isMisplacedIn(String path) {
    return path.indexOf(PREFIX) > 0;
  }

  /** Whether it is not an ExApp but Nextcloud's AppAPI that gives an order. */
  public boolean isOrder() {
    return appId.equals(ORDERS);
  }
}
