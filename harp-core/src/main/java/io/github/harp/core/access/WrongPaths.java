// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.RequestHead;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.notice.SeldomNotices;
import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells an administrator of the wrong paths that callers with the key ask for: these are no
 * strangers who guess, so something is configured wrongly. Each once in a minute. Thread-safe.
 */
final class WrongPaths {
  private static final Logger LOG = LoggerFactory.getLogger(WrongPaths.class);
  private static final int LONGEST_SHOWN = 200;

  private final SeldomNotices notices;

  WrongPaths(SeldomNotices notices) {
    this.notices = notices;
  }

  void tell(RequestHead request, InetAddress client, Reason reason) {
    var shown = Excerpt.of(request.path(), LONGEST_SHOWN);
    if (notices.isNew(shown)) {
      LOG.warn(
          "{} {}: asked for with the shared key by {}, refused for {}; expected the path of an"
              + " ExApp, or of an order",
          request.method(),
          shown,
          IpAddresses.text(client),
          reason);
    }
  }
}
