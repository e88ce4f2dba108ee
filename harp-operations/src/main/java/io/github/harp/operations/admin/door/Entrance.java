// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.Optional;

/** A way to the status page: who comes there, and by what they are known. */
public interface Entrance {

  InetAddress client(RoutingContext context);

  /** Whose a key is; empty for nobody's. */
  Optional<Administrator> holder(RoutingContext context, String key);

  /**
   * Somebody showed a key that is nobody's. Completes, on the request's event loop, when they are
   * to be told so; false when nobody has the time for that.
   */
  default Future<Boolean> guessed(RoutingContext context) {
    return Future.succeededFuture(true);
  }

  /** Whether what was theirs when they were let in still is. */
  default boolean isServed(Administrator visitor) {
    return true;
  }

  /** Whether administrators of Nextcloud may come in. */
  default boolean knowsAdministrators() {
    return false;
  }

  /**
   * Whoever Nextcloud calls an administrator; empty for anybody else. Fails with a {@link
   * io.github.harp.core.HarpException} when Nextcloud does not say.
   */
  default Future<Optional<Administrator>> administrator(RoutingContext context) {
    return Future.succeededFuture(Optional.empty());
  }

  /** What the cookie of a session is called. */
  String cookie();

  /** The cookie with a session's id, without what is true of all of them. */
  Cookie cookie(RoutingContext context, String id);
}
