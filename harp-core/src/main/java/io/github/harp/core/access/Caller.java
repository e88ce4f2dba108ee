// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.decision.CountedAnswers;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.netty.util.AsciiString;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Who asks: how refusals are answered, and whether and where they are counted.
 *
 * @param address the true client address
 * @param hasKey whether the shared key came along
 * @param isOrder whether it is an order, or a call to an engine
 * @param instance whose request it is
 * @param trace hears of it
 */
record Caller(
    RequestHead request,
    InetAddress address,
    boolean hasKey,
    boolean isOrder,
    Instance instance,
    Penalties penalties,
    Trace trace) {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final AsciiString SEC_FETCH_SITE = AsciiString.cached("sec-fetch-site");
  private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");

  /** Where what it does wrong is counted. */
  private Failures bans() {
    return isOrder ? instance.bans().orders() : instance.bans().users();
  }

  /** A ban never stops a caller with the key. */
  boolean isBanned() {
    var isBanned = !hasKey && bans().isBanned(address);
    trace.ban(bans(), isBanned);
    return isBanned;
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
    return bans().bansNext(address) && instance.sessions().isWorthAsking(request) && !isExcused();
  }

  /** Which answers are told against this caller, and where they are counted. */
  CountedAnswers counted(Set<Integer> statuses) {
    var bans = instance.bans();
    return new CountedAnswers(
        statuses, isSentByAnotherSite() ? bans.bySites() : bans.users(), address);
  }

  Verdict verdict(Decision decision, Reason reason) {
    return new Verdict(decision, instance, reason, address, hasKey, false);
  }

  Verdict refuse(Reason reason) {
    return verdict(refusal(reason), reason);
  }

  Verdict banned() {
    return penalties.answer().isFor(request)
        ? refuse(Reason.BANNED, Reason.BANNED.status(), instance.bans().waitOf(address))
        : drop(Reason.BANNED);
  }

  /** An outage of Nextcloud is not the client's mistake, and says whether to try again. */
  Verdict unanswered(Reason reason, Throwable cause) {
    return refuse(reason, HarpException.codeOf(cause).statusOfQuestion(), SOON);
  }

  private Verdict refuse(Reason reason, int status, Duration retryAfter) {
    return verdict(new Decision.Refuse(status, retryAfter, ""), reason);
  }

  /**
   * @param detail for the log
   */
  Verdict refuse(Reason reason, String detail) {
    return verdict(new Decision.Refuse(reason.status(), Duration.ZERO, detail), reason);
  }

  Verdict refuseAndCount(Reason reason) {
    return new Verdict(refusal(reason), instance, reason, address, hasKey, count(reason));
  }

  Verdict refuseAndCountUnlessKeyed(Reason reason) {
    return new Verdict(
        refusal(reason), instance, reason, address, hasKey, countUnlessKeyed(reason));
  }

  Verdict drop(Reason reason) {
    return verdict(new Decision.Drop(), reason);
  }

  Verdict dropAndCount(Reason reason) {
    return new Verdict(new Decision.Drop(), instance, reason, address, hasKey, count(reason));
  }

  Verdict dropAndCountUnlessKeyed(Reason reason) {
    return new Verdict(
        new Decision.Drop(), instance, reason, address, hasKey, countUnlessKeyed(reason));
  }

  private static Decision refusal(Reason reason) {
    return new Decision.Refuse(reason.status(), Duration.ZERO, "");
  }

  private boolean countUnlessKeyed(Reason reason) {
    if (hasKey) {
      penalties.wrongPath(request, address, reason);
      return false;
    }
    return count(reason);
  }

  private boolean count(Reason reason) {
    if (hasKey) {
      penalties.wrongPath(request, address, reason);
    }
    if (isExcused()) {
      return false;
    }
    penalties.count(bans(), address, reason);
    return true;
  }

  /** A key that is not ours always counts: neither a website nor a user has one. */
  private boolean isExcused() {
    return request.header(AppApiHeaders.HARP_SHARED_KEY) == null
        && (isSentByAnotherSite() || instance.sessions().wasUserLately(request));
  }
}
