// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppRecords;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.ParentSegments;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.RouteMatch;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a request: the contract's decision table, row by row, with the key judged
 * before the ban list.
 *
 * <p>Thread-safe. A decision that needs nothing but what is known is complete when {@link #decide}
 * returns; otherwise it is continued and completed on the caller's executor.
 */
public final class Gatekeeper {
  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int BAD_GATEWAY = 502;
  private static final int UNAVAILABLE = 503;

  private final SharedKey key;
  private final ClientAddresses addresses;
  private final Bans bans;
  private final ExAppRecords records;
  private final Sessions sessions;

  public Gatekeeper(
      SharedKey key,
      ClientAddresses addresses,
      Bans bans,
      ExAppRecords records,
      Sessions sessions) {
    this.key = key;
    this.addresses = addresses;
    this.bans = bans;
    this.records = records;
    this.sessions = sessions;
  }

  /**
   * Decides; never fails because of the request or of Nextcloud.
   *
   * @param request asked on the thread of the caller and on {@code executor} only
   * @param executor where the procedure goes on after a wait: the event loop of the request
   */
  public Future<Decision> decide(RequestHead request, Executor executor) {
    var target = ExAppPath.find(request.path());
    var isOrder = target != null && target.isOrder();
    var caller =
        new Caller(
            addresses.of(request),
            key.matches(request.header(HeaderNames.HARP_SHARED_KEY)),
            isOrder ? bans.orders() : bans.users());
    if (caller.isBanned()) {
      return now(caller.drop(Reason.BANNED));
    }
    if (request.path().isEmpty()) {
      return now(caller.refuse(UNAVAILABLE, Reason.NO_PATH));
    }
    if (ParentSegments.isIn(request.path())) {
      return now(caller.dropAndCountUnlessKeyed(Reason.PARENT_SEGMENT));
    }
    if (target == null) {
      return now(caller.refuseAndCountUnlessKeyed(NOT_FOUND, whyNot(request.path())));
    }
    if (isOrder) {
      return now(order(request, caller, target));
    }
    var signed = SignedRequest.of(request);
    if (signed != null && !caller.hasKey()) {
      return now(caller.dropAndCount(Reason.WRONG_KEY_IN_SIGNED_REQUEST));
    }
    return after(
        records.get(target.appId()),
        executor,
        lookup ->
            signed == null
                ? unsigned(request, executor, caller, target, lookup)
                : signed(request, executor, caller, target, signed, lookup));
  }

  /**
   * To be told the first final status, or 101, that an ExApp answered; counts it where its route
   * says so.
   */
  public void answered(Decision.Forward decision, int status) {
    if (!decision.countedStatuses().isEmpty() && decision.countedStatuses().contains(status)) {
      bans.users().record(decision.client(), "ANSWERED_" + status);
    }
  }

  private Decision order(RequestHead request, Caller caller, ExAppPath target) {
    if (!caller.hasKey()) {
      return caller.refuseAndCount(UNAUTHORIZED, Reason.WRONG_KEY_FOR_ORDER);
    }
    var enginePort = request.header(HeaderNames.DOCKER_ENGINE_PORT);
    if (enginePort == null || enginePort.isEmpty() || target.rest().startsWith("/docker/")) {
      return new Decision.Control(target.rest(), Reason.ORDER, caller.address());
    }
    var port = Ports.parse(enginePort);
    return port < 1
        ? caller.refuse(BAD_REQUEST, Reason.BAD_ENGINE_PORT)
        : new Decision.Engine(port, target.rest(), Reason.ENGINE_CALL, caller.address());
  }

  private Future<Decision> signed(
      RequestHead request,
      Executor executor,
      Caller caller,
      ExAppPath target,
      SignedRequest signed,
      AsyncResult<Optional<ExApp>> lookup) {
    var isKnown = lookup.succeeded() && lookup.result().isPresent();
    var exApp = isKnown ? lookup.result() : signed.exApp(target.appId());
    if (exApp.isEmpty()) {
      return now(caller.refuse(BAD_REQUEST, Reason.BAD_SIGNED_PORT));
    }
    if (!signed.vouches()) {
      return byRoute(request, executor, caller, exApp.get(), target.rest());
    }
    return now(
        new Decision.Forward(
            exApp.get(),
            target.rest(),
            signed.authorization(),
            NcUser.ANONYMOUS,
            true,
            Set.of(),
            Reason.SIGNED_REQUEST,
            caller.address()));
  }

  private Future<Decision> unsigned(
      RequestHead request,
      Executor executor,
      Caller caller,
      ExAppPath target,
      AsyncResult<Optional<ExApp>> lookup) {
    if (lookup.failed()) {
      return now(caller.refuse(statusOf(lookup.cause()), Reason.LOOKUP_FAILED));
    }
    if (lookup.result().isEmpty()) {
      return now(caller.refuseAndCountUnlessKeyed(NOT_FOUND, Reason.UNKNOWN_EXAPP));
    }
    return byRoute(request, executor, caller, lookup.result().get(), target.rest());
  }

  private Future<Decision> byRoute(
      RequestHead request, Executor executor, Caller caller, ExApp exApp, String rest) {
    var path = PathForms.of(rest);
    if (path.isInternalEndpoint()) {
      return now(caller.dropAndCount(Reason.INTERNAL_ENDPOINT));
    }
    var match = match(exApp, path);
    if (match instanceof RouteMatch.Undecided) {
      return now(caller.refuseAndCount(FORBIDDEN, Reason.PATTERN_BUDGET_EXCEEDED));
    }
    if (!(match instanceof RouteMatch.Found route)) {
      return now(caller.refuseAndCount(NOT_FOUND, Reason.NO_ROUTE));
    }
    return after(
        sessions.whoSends(request, exApp.id()),
        executor,
        who -> now(admit(caller, exApp, rest, route, who)));
  }

  private static Decision admit(
      Caller caller,
      ExApp exApp,
      String path,
      RouteMatch.Found route,
      AsyncResult<Optional<NcUser>> who) {
    var user = who.succeeded() ? who.result().orElse(null) : null;
    if (route.level() != AccessLevel.PUBLIC) {
      if (who.failed()) {
        return caller.refuse(statusOf(who.cause()), Reason.USER_LOOKUP_FAILED);
      }
      if (user == null) {
        return caller.refuseAndCount(FORBIDDEN, Reason.USER_UNKNOWN);
      }
      if (!user.level().includes(route.level())) {
        return caller.refuseAndCount(FORBIDDEN, Reason.LEVEL_TOO_LOW);
      }
    }
    var admitted = user == null ? NcUser.ANONYMOUS : user;
    return new Decision.Forward(
        exApp,
        path,
        AppApiAuthorization.of(admitted, exApp),
        admitted,
        false,
        route.bruteForceStatuses(),
        who.failed() ? Reason.PUBLIC_WITHOUT_NEXTCLOUD : Reason.ROUTE_ALLOWED,
        caller.address());
  }

  /** Raw and canonical form must both have a route; the strictest of all forms decides. */
  private static RouteMatch match(ExApp exApp, PathForms path) {
    var match = exApp.routes().match(path.raw());
    if (path.isPlain()) {
      return match;
    }
    var strict = match.and(exApp.routes().match(path.canonical()));
    var decoded = exApp.routes().match(path.decoded());
    return decoded instanceof RouteMatch.None ? strict : strict.and(decoded);
  }

  private static Reason whyNot(String path) {
    return ExAppPath.isMisplacedIn(path)
        ? Reason.EXAPPS_PREFIX_NOT_AT_START
        : Reason.NOT_AN_EXAPP_PATH;
  }

  /** An outage of Nextcloud is not the client's mistake, and says whether to try again. */
  private static int statusOf(@Nullable Throwable cause) {
    if (cause instanceof HarpException failure) {
      return switch (failure.code()) {
        case UNREACHABLE, TIMED_OUT, BUSY, UNAVAILABLE -> UNAVAILABLE;
        default -> BAD_GATEWAY;
      };
    }
    return BAD_GATEWAY;
  }

  private static Future<Decision> now(Decision decision) {
    return Future.succeededFuture(decision);
  }

  /** The one place where the procedure waits, and comes back to the caller's executor. */
  private static <T> Future<Decision> after(
      Future<T> answer, Executor executor, Function<AsyncResult<T>, Future<Decision>> next) {
    if (answer.isComplete()) {
      return next.apply(answer);
    }
    var decision = Promise.<Decision>promise();
    answer.onComplete(
        result -> {
          try {
            executor.execute(() -> proceed(result, next, decision));
          } catch (RuntimeException e) {
            decision.tryFail(e);
          }
        });
    return decision.future();
  }

  private static <T> void proceed(
      AsyncResult<T> result,
      Function<AsyncResult<T>, Future<Decision>> next,
      Promise<Decision> decision) {
    try {
      next.apply(result).onComplete(decision);
    } catch (RuntimeException e) {
      decision.tryFail(e);
    }
  }
}
