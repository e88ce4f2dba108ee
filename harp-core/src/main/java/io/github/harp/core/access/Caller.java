// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExApp;
import io.github.harp.core.Instance;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.ban.Failures;
import io.netty.util.AsciiString;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Who asks: how refusals are answered, and whether and where they are counted.
 *
 * @param address the true client address
 * @param hasKey whether the shared key came along
 * @param bans the list for the kind of request
 * @param instance whose request it is
 */
record Caller(
    RequestHead request,
    InetAddress address,
    boolean hasKey,
    Failures bans,
    Instance instance,
    WrongPaths wrongPaths) {
  private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");

  /** A ban never stops a caller with the key. */
  boolean isBanned() {
    return !hasKey && bans.isBanned(address);
  }

  /** Who Nextcloud says it is. */
  Future<Optional<NcUser>> whoSends(ExApp to) {
    return instance.sessions().whoSends(request, to.id(), address);
  }

  /**
   * Whether another website made the browser send this. Its author may have wanted it to fail, and
   * the visitor knows nothing of it. Such a website can't add headers that name somebody.
   */
  boolean isSentByAnotherSite() {
    var site = request.header(SEC_FETCH_SITE);
    return site != null
        && site.equalsIgnoreCase("cross-site")
        && request.header(AUTHORIZATION) == null;
  }

  /** Whether one more failure bans this caller, and Nextcloud can say whether it is to count. */
  boolean isToBeAskedAbout() {
    return bans.bansNext(address) && instance.sessions().isWorthAsking(request) && !isExcused();
  }

  Decision refuse(int status, Reason reason) {
    return new Decision.Refuse(status, false, reason, address);
  }

  Decision refuseAndCount(int status, Reason reason) {
    return new Decision.Refuse(status, count(reason), reason, address);
  }

  Decision refuseAndCountUnlessKeyed(int status, Reason reason) {
    return new Decision.Refuse(status, countUnlessKeyed(reason), reason, address);
  }

  Decision drop(Reason reason) {
    return new Decision.Drop(false, reason, address);
  }

  Decision dropAndCount(Reason reason) {
    return new Decision.Drop(count(reason), reason, address);
  }

  Decision dropAndCountUnlessKeyed(Reason reason) {
    return new Decision.Drop(countUnlessKeyed(reason), reason, address);
  }

  private boolean countUnlessKeyed(Reason reason) {
    if (hasKey) {
      wrongPaths.tell(request, address, reason);
      return false;
    }
    return count(reason);
  }

  private boolean count(Reason reason) {
    if (hasKey) {
      wrongPaths.tell(request, address, reason);
    }
    if (isExcused()) {
      return false;
    }
    bans.record(address, reason.name());
    return true;
  }

  /** A key that is not ours always counts: neither a website nor a user has one. */
  private boolean isExcused() {
    return request.header(AppApiHeaders.HARP_SHARED_KEY) == null
        && (isSentByAnotherSite() || instance.sessions().wasUserLately(request));
  }
}
