// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.Instance;
import io.github.harp.core.Instances;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.Ports;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.path.ControlCharacters;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.ParentSegments;
import io.github.harp.core.path.PathForms;
import io.github.harp.core.route.RouteMatch;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
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
  private static final int TOO_MANY = 429;
  private static final int BAD_GATEWAY = 502;
  private static final int UNAVAILABLE = 503;
  private static final Future<Optional<ExApp>> NO_SUCH_EXAPP =
      Future.succeededFuture(Optional.empty());

  private final Instances instances;
  private final ClientAddresses addresses;
  private final Bans bans;
  private final WrongKeys wrongKeys;
  private final BanAnswer banAnswer;
  private final WrongPaths wrongPaths;

  public Gatekeeper(Instances instances, ClientAddresses addresses, Bans bans) {
    this(instances, addresses, bans, new GatekeeperOptions());
  }

  public Gatekeeper(
      Instances instances, ClientAddresses addresses, Bans bans, GatekeeperOptions options) {
    this.instances = instances;
    this.addresses = addresses;
    this.bans = bans;
    this.wrongKeys = options.wrongKeys();
    this.banAnswer = options.banAnswer();
    this.wrongPaths = new WrongPaths(options.notices());
  }

  /**
   * Decides; never fails because of the request or of Nextcloud.
   *
   * @param request asked on the thread of the caller and on {@code executor} only
   * @param executor where the procedure goes on after a wait: the event loop of the request
   */
  public Future<Decision> decide(RequestHead request, Executor executor) {
    var instance = instances.of(request);
    var target = ExAppPath.find(request.path(), instance.folder());
    var isOrder = target != null && target.isOrder();
    var caller =
        new Caller(
            request,
            addresses.of(request),
            isShownKey(instance, request),
            isOrder ? bans.orders() : bans.users(),
            instance,
            wrongPaths);
    if (caller.isBanned()) {
      return now(banned(caller)); // row 1
    }
    if (request.path().isEmpty()) {
      return now(caller.refuse(UNAVAILABLE, Reason.NO_PATH));
    }
    if (ParentSegments.isIn(request.path())) {
      return now(caller.dropAndCountUnlessKeyed(Reason.PARENT_SEGMENT)); // row 2
    }
    if (target == null && ControlCharacters.isIn(request.path())) {
      return now(caller.refuse(BAD_REQUEST, Reason.CONTROL_CHARACTER));
    }
    if (target == null) {
      return now(caller.refuseAndCountUnlessKeyed(NOT_FOUND, whyNot(request.path()))); // row 3
    }
    if (isOrder) {
      return now(order(request, caller, target)); // rows 4-6
    }
    var signed = SignedRequest.of(request);
    if (signed != null && !caller.hasKey()) {
      tellOfWrongKey(request, caller);
      return now(caller.dropAndCount(Reason.WRONG_KEY_IN_SIGNED_REQUEST)); // row 7
    }
    var isVouchedFor = signed != null && signed.vouches();
    if (!isVouchedFor && ControlCharacters.isIn(request.path())) {
      return now(caller.refuse(BAD_REQUEST, Reason.CONTROL_CHARACTER));
    }
    var id = target.appId();
    var asked = new ExAppRequest(caller, target, executor);
    return Waiting.after(
        id.isPresent() ? instance.records().get(id.get()) : NO_SUCH_EXAPP,
        executor,
        lookup ->
            signed == null || id.isEmpty()
                ? unsigned(asked, lookup)
                : signed(asked, id.get(), signed, lookup));
  }

  /** For whom it decides. */
  public Instances instances() {
    return instances;
  }

  /** Whether the key comes along, for when there is no room for anybody else. */
  public boolean isShownKeyBy(RequestHead request) {
    return isShownKey(instances.of(request), request);
  }

  private static boolean isShownKey(Instance instance, RequestHead request) {
    return instance.key().matches(request.header(AppApiHeaders.HARP_SHARED_KEY));
  }

  /**
   * To be told the first final status, or 101, that an ExApp answered; counts it where its route
   * says so.
   */
  public void answered(Decision.Forward decision, int status) {
    if (!decision.countedStatuses().isEmpty() && decision.countedStatuses().contains(status)) {
      var list = decision.bySite() ? bans.bySites() : bans.users();
      list.record(decision.client(), "ANSWERED_" + status);
    }
  }

  /** For how long a banned address is to wait; at least a second. */
  public Duration banEnd(InetAddress client) {
    var longest = bans.bySites().remaining(client);
    for (var list : List.of(bans.users(), bans.orders())) {
      var remaining = list.remaining(client);
      longest = remaining.compareTo(longest) > 0 ? remaining : longest;
    }
    return longest.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
  }

  private Decision banned(Caller caller) {
    return banAnswer.isFor(caller.request())
        ? caller.refuse(TOO_MANY, Reason.BANNED)
        : caller.drop(Reason.BANNED);
  }

  private Decision order(RequestHead request, Caller caller, ExAppPath target) {
    if (!caller.hasKey()) {
      tellOfWrongKey(request, caller);
      return caller.refuseAndCount(UNAUTHORIZED, Reason.WRONG_KEY_FOR_ORDER);
    }
    var enginePort = request.header(AppApiHeaders.DOCKER_ENGINE_PORT);
    if (enginePort == null || enginePort.isEmpty() || target.rest().startsWith("/docker/")) {
      return new Decision.Control(target.rest(), Reason.ORDER, caller.address());
    }
    var port = Ports.parse(enginePort).orElse(0);
    return port < 1
        ? caller.refuse(BAD_REQUEST, Reason.BAD_ENGINE_PORT)
        : new Decision.Engine(port, target.rest(), Reason.ENGINE_CALL, caller.address());
  }

  private void tellOfWrongKey(RequestHead request, Caller caller) {
    var presented = request.header(AppApiHeaders.HARP_SHARED_KEY);
    if (presented != null) {
      wrongKeys.shown(caller.address(), presented);
    }
  }

  /** Rows 8 and 11: AppAPI vouches for it, and says itself where an unknown ExApp listens. */
  private Future<Decision> signed(
      ExAppRequest asked, AppId id, SignedRequest signed, AsyncResult<Optional<ExApp>> lookup) {
    var isKnown = lookup.succeeded() && lookup.result().isPresent();
    var exApp = isKnown ? lookup.result() : signed.exApp(id);
    if (exApp.isEmpty()) {
      return now(asked.caller().refuse(BAD_REQUEST, Reason.BAD_SIGNED_PORT));
    }
    return signed.vouches()
        ? now(asked.forwardSigned(exApp.get(), signed))
        : byRoute(asked, exApp.get());
  }

  private Future<Decision> unsigned(ExAppRequest asked, AsyncResult<Optional<ExApp>> lookup) {
    var caller = asked.caller();
    if (lookup.failed()) {
      return now(caller.refuse(statusOf(lookup.cause()), Reason.LOOKUP_FAILED)); // row 10
    }
    if (lookup.result().isEmpty()) {
      return now(caller.refuseAndCountUnlessKeyed(NOT_FOUND, Reason.UNKNOWN_EXAPP)); // row 9
    }
    return byRoute(asked, lookup.result().get());
  }

  /** Nextcloud is asked who it is only when some route is there for it. */
  private Future<Decision> byRoute(ExAppRequest asked, ExApp exApp) {
    var caller = asked.caller();
    var path = PathForms.of(asked.target().rest());
    if (path.isInternalEndpoint()) {
      return counted(asked, exApp, () -> caller.dropAndCount(Reason.INTERNAL_ENDPOINT)); // row 12
    }
    var match = exApp.routes().match(path);
    if (match instanceof RouteMatch.Undecided) {
      return now(caller.refuse(FORBIDDEN, Reason.PATTERN_BUDGET_EXCEEDED)); // the ExApp's mistake
    }
    if (!(match instanceof RouteMatch.Found route)) {
      return counted(asked, exApp, () -> caller.refuseAndCount(NOT_FOUND, Reason.NO_ROUTE)); // 15
    }
    if (!route.bruteForceStatuses().isEmpty()
        && caller.isSentByAnotherSite()
        && bans.bySites().isBanned(caller.address())) {
      return now(banned(caller));
    }
    return Waiting.after(
        caller.whoSends(exApp), asked.executor(), who -> now(admit(asked, exApp, route, who)));
  }

  /**
   * What users do does not ban them: before a failure does, whoever shows a session is asked about.
   */
  private Future<Decision> counted(ExAppRequest asked, ExApp exApp, Supplier<Decision> refusal) {
    var caller = asked.caller();
    return caller.isToBeAskedAbout()
        ? Waiting.after(caller.whoSends(exApp), asked.executor(), who -> now(refusal.get()))
        : now(refusal.get());
  }

  /** Rows 13, 14 and 17. */
  private static Decision admit(
      ExAppRequest asked, ExApp exApp, RouteMatch.Found route, AsyncResult<Optional<NcUser>> who) {
    var caller = asked.caller();
    if (who.failed()) {
      return route.level() == AccessLevel.PUBLIC
          ? asked.forward(exApp, NcUser.ANONYMOUS, route, Reason.PUBLIC_WITHOUT_NEXTCLOUD)
          : caller.refuse(statusOf(who.cause()), Reason.USER_LOOKUP_FAILED);
    }
    var user = who.result().orElse(NcUser.ANONYMOUS);
    if (user.level().includes(route.level())) {
      return asked.forward(exApp, user, route, Reason.ROUTE_ALLOWED);
    }
    return caller.refuseAndCount(
        FORBIDDEN, who.result().isEmpty() ? Reason.USER_UNKNOWN : Reason.LEVEL_TOO_LOW);
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
}
