// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.appapi.AppApiAuthorization;
import io.github.harp.core.decision.CountedAnswers;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.RouteMatch;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A request to an ExApp that is known: the rows of the decision table that are about its routes.
 *
 * @param path inside the ExApp, raw
 * @param executor where to go on after a wait
 */
record ExAppRequest(Caller caller, ExApp exApp, String path, Executor executor)
    implements RouteMatch.Cases<Future<Verdict>> {

  /** Row 8: AppAPI vouches for it. */
  Verdict signed(SignedRequest signed) {
    return forward(
        signed.authorization(),
        NcUser.ANONYMOUS,
        /* isSigned= */ true,
        Optional.empty(),
        Reason.SIGNED_REQUEST);
  }

  /** Nextcloud is asked who it is only when some route is there for it. */
  Future<Verdict> byRoute() {
    var forms = PathForms.of(path);
    caller.trace().forms(forms);
    if (forms.isInternalEndpoint()) {
      return counted(() -> caller.dropAndCount(Reason.INTERNAL_ENDPOINT)); // row 12
    }
    return forms.isInternalEndpointAsUrl()
        ? Future.succeededFuture(caller.drop(Reason.INTERNAL_ENDPOINT))
        : exApp.routes().match(forms, caller.trace()).match(this);
  }

  @Override
  public Future<Verdict> found(RouteMatch.Found route) {
    if (!route.bruteForceStatuses().isEmpty()
        && caller.isSentByAnotherSite()
        && caller.instance().bans().bySites().isBanned(caller.address())) {
      return Future.succeededFuture(caller.banned());
    }
    var who = caller.whoSends(exApp);
    return who.isComplete()
        ? Future.succeededFuture(admit(route, who))
        : Waiting.after(who, executor, known -> Future.succeededFuture(admit(route, known)));
  }

  @Override
  public Future<Verdict> none() {
    return counted(() -> caller.refuseAndCount(Reason.NO_ROUTE)); // row 15
  }

  /** The ExApp's mistake. */
  @Override
  public Future<Verdict> undecided() {
    return Future.succeededFuture(caller.refuse(Reason.PATTERN_BUDGET_EXCEEDED));
  }

  /**
   * What users do does not ban them: before a failure does, whoever shows a session is asked about.
   */
  private Future<Verdict> counted(Supplier<Verdict> refusal) {
    return caller.isToBeAskedAbout()
        ? Waiting.after(
            caller.whoSends(exApp), executor, who -> Future.succeededFuture(refusal.get()))
        : Future.succeededFuture(refusal.get());
  }

  /** Rows 13, 14 and 17. */
  private Verdict admit(RouteMatch.Found route, AsyncResult<Optional<NcUser>> who) {
    if (who.failed()) {
      return route.level() == AccessLevel.PUBLIC
          ? forward(NcUser.ANONYMOUS, route, Reason.PUBLIC_WITHOUT_NEXTCLOUD)
          : caller.unanswered(Reason.USER_LOOKUP_FAILED, who.cause());
    }
    var user = who.result().orElse(NcUser.ANONYMOUS);
    caller.trace().user(user);
    if (user.level().includes(route.level())) {
      return forward(user, route, Reason.ROUTE_ALLOWED);
    }
    return caller.refuseAndCount(
        who.result().isEmpty() ? Reason.USER_UNKNOWN : Reason.LEVEL_TOO_LOW);
  }

  private Verdict forward(NcUser user, RouteMatch.Found route, Reason reason) {
    Optional<CountedAnswers> counted =
        route.bruteForceStatuses().isEmpty()
            ? Optional.empty()
            : Optional.of(caller.counted(route.bruteForceStatuses()));
    return forward(
        AppApiAuthorization.of(user, exApp), user, /* isSigned= */ false, counted, reason);
  }

  private Verdict forward(
      AppApiAuthorization authorization,
      NcUser user,
      boolean isSigned,
      Optional<CountedAnswers> counted,
      Reason reason) {
    return caller.verdict(
        new Decision.Forward(exApp, path, authorization, user, isSigned, counted), reason);
  }
}
