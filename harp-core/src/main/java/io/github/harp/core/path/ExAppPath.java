// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import io.github.harp.core.AppId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two halves of {@code /exapps/<app id>/<rest>}.
 *
 * @param app as written, not decoded; no id of an ExApp maybe
 * @param rest what the ExApp sees, raw; at least {@code /}
 */
public record ExAppPath(String app, String rest) {
  private static final String PREFIX = "/exapps/";
  private static final String ORDERS = "app_api";

  /** Below it are the orders that say in a header which engine is to carry them out. */
  public static final String ENGINE_ORDERS = "/docker/";

  /** Below it are those that the Kubernetes cluster is to carry out. */
  public static final String CLUSTER_ORDERS = "/k8s/";

  /** Where the gateway's own pages are, which no ExApp and no order can be called. */
  public static final String OWN_PAGES = "/harp";

  /** Null unless the path starts with the prefix and an app id. */
  public static @Nullable ExAppPath find(String path) {
    if (!path.startsWith(PREFIX)) {
      return null;
    }
    var end = path.indexOf('/', PREFIX.length());
    var app = path.substring(PREFIX.length(), end < 0 ? path.length() : end);
    return app.isEmpty() ? null : new ExAppPath(app, end < 0 ? "/" : path.substring(end));
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

  /** Whether a header that names an engine belongs to an order, and is not where a call goes. */
  public boolean isEngineOrder() {
    return rest.startsWith(ENGINE_ORDERS);
  }

  /** Whether it is not an ExApp but Nextcloud's AppAPI that gives an order. */
  public boolean isOrder() {
    return app.equals(ORDERS);
  }

  /** The path below the gateway's own pages; empty for another. */
  public Optional<String> ownPage() {
    var isOne = isOrder() && rest.startsWith(OWN_PAGES);
    var below = isOne ? rest.substring(OWN_PAGES.length()) : "";
    return isOne && (below.isEmpty() || below.startsWith("/"))
        ? Optional.of(below)
        : Optional.empty();
  }

  /** Which ExApp; empty for what can't be the id of one. */
  public Optional<AppId> appId() {
    return AppId.parse(app);
  }
}
