// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Decides what happens to a request: the contract's decision table, row by row, with the key judged
 * before the ban list.
 *
 * <p>Thread-safe. A decision that needs nothing but what is known is complete when {@link #decide}
 * returns; otherwise it is continued and completed on the caller's executor.
 */
public final class Gatekeeper {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Future<Optional<ExApp>> NO_SUCH_EXAPP =
      Future.succeededFuture(Optional.empty());

  private final Instances instances;
  private final Engines engines;
  private final ClientAddresses addresses;
  private final Bans bans;
  private final WrongKeys wrongKeys;
  private final BanAnswer banAnswer;
  private final WrongPaths wrongPaths;

  /** One that knows no engines. */
  public Gatekeeper(Instances instances, ClientAddresses addresses, Bans bans) {
    this(instances, Engines.of(Map.of()), addresses, bans, new GatekeeperOptions());
  }

  public Gatekeeper(
      Instances instances,
      Engines engines,
      ClientAddresses addresses,
      Bans bans,
      GatekeeperOptions options) {
    this.instances = instances;
    this.engines = engines;
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
  public Future<Verdict> decide(RequestHead request, Executor executor) {
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
      return now(caller.refuse(Reason.NO_PATH));
    }
    if (ParentSegments.isIn(request.path())) {
      return now(caller.dropAndCountUnlessKeyed(Reason.PARENT_SEGMENT)); // row 2
    }
    if (target == null && ControlCharacters.isIn(request.path())) {
      return now(caller.refuse(Reason.CONTROL_CHARACTER));
    }
    if (target == null) {
      return now(caller.refuseAndCountUnlessKeyed(whyNot(request.path()))); // row 3
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
      return now(caller.refuse(Reason.CONTROL_CHARACTER));
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

  /** For how long a banned address is to wait; at least a second. */
  private Duration banEnd(InetAddress client) {
    var longest = bans.bySites().remaining(client);
    for (var list : List.of(bans.users(), bans.orders())) {
      var remaining = list.remaining(client);
      longest = remaining.compareTo(longest) > 0 ? remaining : longest;
    }
    return longest.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
  }

  private Verdict banned(Caller caller) {
    return banAnswer.isFor(caller.request())
        ? caller.verdict(
            new Decision.Refuse(Reason.BANNED.status(), banEnd(caller.address()), ""),
            Reason.BANNED)
        : caller.drop(Reason.BANNED);
  }

  private Verdict order(RequestHead request, Caller caller, ExAppPath target) {
    if (!caller.hasKey()) {
      tellOfWrongKey(request, caller);
      return caller.refuseAndCount(Reason.WRONG_KEY_FOR_ORDER);
    }
    var engine = request.header(AppApiHeaders.DOCKER_ENGINE_PORT);
    return engine == null || engine.isEmpty() || target.isEngineOrder()
        ? caller.verdict(new Decision.Order(target.rest()), Reason.ORDER)
        : engineCall(request, caller, target.rest(), Ports.parse(engine).orElse(0));
  }

  private Verdict engineCall(RequestHead request, Caller caller, String path, int port) {
    if (port < 1) {
      return caller.refuse(Reason.BAD_ENGINE_PORT);
    }
    var number = EngineNumber.of(port);
    var objection =
        number.isEmpty()
            ? Optional.of("engines have numbers " + EngineNumber.RANGE)
            : EngineRules.objection(request, path);
    if (objection.isPresent()) {
      return caller.refuse(Reason.ENGINE_RULE, "engine " + port + ": " + objection.get());
    }
    return number
        .flatMap(engines::find)
        .map(engine -> caller.verdict(new Decision.EngineCall(engine, path), Reason.ENGINE_CALL))
        .orElseGet(
            () ->
                caller.refuse(
                    Reason.NO_ENGINE,
                    "engine " + port + " is not connected; connected are " + engines.numbers()));
  }

  private void tellOfWrongKey(RequestHead request, Caller caller) {
    var presented = request.header(AppApiHeaders.HARP_SHARED_KEY);
    if (presented != null) {
      wrongKeys.shown(caller.address(), presented);
    }
  }

  /** Rows 8 and 11: AppAPI vouches for it, and says itself where an unknown ExApp listens. */
  private Future<Verdict> signed(
      ExAppRequest asked, AppId id, SignedRequest signed, AsyncResult<Optional<ExApp>> lookup) {
    var isKnown = lookup.succeeded() && lookup.result().isPresent();
    var exApp = isKnown ? lookup.result() : signed.exApp(id);
    if (exApp.isEmpty()) {
      return now(asked.caller().refuse(Reason.BAD_SIGNED_PORT));
    }
    return signed.vouches()
        ? now(asked.forwardSigned(exApp.get(), signed))
        : byRoute(asked, exApp.get());
  }

  private Future<Verdict> unsigned(ExAppRequest asked, AsyncResult<Optional<ExApp>> lookup) {
    var caller = asked.caller();
    if (lookup.failed()) {
      return now(unanswered(caller, Reason.LOOKUP_FAILED, lookup.cause())); // row 10
    }
    if (lookup.result().isEmpty()) {
      return now(caller.refuseAndCountUnlessKeyed(Reason.UNKNOWN_EXAPP)); // row 9
    }
    return byRoute(asked, lookup.result().get());
  }

  /** Nextcloud is asked who it is only when some route is there for it. */
  private Future<Verdict> byRoute(ExAppRequest asked, ExApp exApp) {
    var caller = asked.caller();
    var path = PathForms.of(asked.target().rest());
    if (path.isInternalEndpoint()) {
      return counted(asked, exApp, () -> caller.dropAndCount(Reason.INTERNAL_ENDPOINT)); // row 12
    }
    var match = exApp.routes().match(path);
    if (match instanceof RouteMatch.Undecided) {
      return now(caller.refuse(Reason.PATTERN_BUDGET_EXCEEDED)); // the ExApp's mistake
    }
    if (!(match instanceof RouteMatch.Found route)) {
      return counted(asked, exApp, () -> caller.refuseAndCount(Reason.NO_ROUTE)); // 15
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
  private Future<Verdict> counted(ExAppRequest asked, ExApp exApp, Supplier<Verdict> refusal) {
    var caller = asked.caller();
    return caller.isToBeAskedAbout()
        ? Waiting.after(caller.whoSends(exApp), asked.executor(), who -> now(refusal.get()))
        : now(refusal.get());
  }

  /** Rows 13, 14 and 17. */
  private Verdict admit(
      ExAppRequest asked, ExApp exApp, RouteMatch.Found route, AsyncResult<Optional<NcUser>> who) {
    var caller = asked.caller();
    if (who.failed()) {
      return route.level() == AccessLevel.PUBLIC
          ? asked.forward(
              exApp, NcUser.ANONYMOUS, counted(route, caller), Reason.PUBLIC_WITHOUT_NEXTCLOUD)
          : unanswered(caller, Reason.USER_LOOKUP_FAILED, who.cause());
    }
    var user = who.result().orElse(NcUser.ANONYMOUS);
    if (user.level().includes(route.level())) {
      return asked.forward(exApp, user, counted(route, caller), Reason.ROUTE_ALLOWED);
    }
    return caller.refuseAndCount(
        who.result().isEmpty() ? Reason.USER_UNKNOWN : Reason.LEVEL_TOO_LOW);
  }

  private Optional<CountedAnswers> counted(RouteMatch.Found route, Caller caller) {
    if (route.bruteForceStatuses().isEmpty()) {
      return Optional.empty();
    }
    var list = caller.isSentByAnotherSite() ? bans.bySites() : bans.users();
    return Optional.of(new CountedAnswers(route.bruteForceStatuses(), list, caller.address()));
  }

  private static Reason whyNot(String path) {
    return ExAppPath.isMisplacedIn(path)
        ? Reason.EXAPPS_PREFIX_NOT_AT_START
        : Reason.NOT_AN_EXAPP_PATH;
  }

  /** An outage of Nextcloud is not the client's mistake, and says whether to try again. */
  private static Verdict unanswered(Caller caller, Reason reason, Throwable cause) {
    int status = HarpException.codeOf(cause).statusOfQuestion();
    return caller.verdict(new Decision.Refuse(status, SOON, ""), reason);
  }

  private static Future<Verdict> now(Verdict verdict) {
    return Future.succeededFuture(verdict);
  }
}
