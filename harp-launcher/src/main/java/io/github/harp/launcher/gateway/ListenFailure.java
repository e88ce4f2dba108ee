// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import java.util.Locale;

/** Why an address can't be listened on, in words that say what to do. */
final class ListenFailure {

  private ListenFailure() {}

  /** A start that fails for what it could not listen on. */
  static <T> Future<T> at(String where, Throwable failure) {
    return Future.failedFuture(
        failure instanceof StartException
            ? failure
            : new StartException(where + ": " + explain(failure), failure));
  }

  /** What stands behind {@code HP_FRP_ADDRESS 0.0.0.0:8782: }. */
  static String explain(Throwable failure) {
    var root = HarpException.rootOf(failure);
    var message = HarpException.reasonOf(failure);
    var detail = ": " + HarpException.reasonOf(root);
    var where =
        root != failure && message.endsWith(detail)
            ? message.substring(0, message.length() - detail.length()) + ": "
            : "";
    return where + reason(root);
  }

  private static String reason(Throwable root) {
    var text = HarpException.reasonOf(root);
    var lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("address already in use")) {
      return "the port is in use by another program ('ss -ltnp' shows which); expected a free one";
    }
    if (lower.contains("cannot assign requested address")) {
      return "this host has no such address; expected one that 'ip address' shows, or 0.0.0.0 for"
          + " all";
    }
    if (lower.contains("permission denied")) {
      return "the port needs a privilege; expected one from 1024 up, or the capability"
          + " CAP_NET_BIND_SERVICE";
    }
    if (root instanceof java.nio.channels.UnresolvedAddressException) {
      return "the name does not resolve; expected an IP address or a name of this host";
    }
    return text;
  }
}
