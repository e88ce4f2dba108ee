// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.RequestHead;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.appapi.EnginePort;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.path.ControlCharacters;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.path.ParentSegments;
import io.github.harp.core.upstream.Engines;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
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
  private static final Engines NO_ENGINES = Engines.of(Map.of());

  private final Instances instances;
  private final Function<Instance, Engines> engines;
  private final ClientAddresses addresses;
  private final Penalties penalties;
  private final boolean ownPages;
  private final Trace trace;

  /** One that knows no engines. */
  public Gatekeeper(Instances instances, ClientAddresses addresses) {
    this(instances, whose -> NO_ENGINES, addresses, new GatekeeperOptions());
  }

  /**
   * @param engines those that one of them can reach; asked on event loops, must not block
   */
  public Gatekeeper(
      Instances instances,
      Function<Instance, Engines> engines,
      ClientAddresses addresses,
      GatekeeperOptions options) {
    this(
        instances, engines, addresses, new Penalties.Real(options), options.ownPages(), Trace.NONE);
  }

  private Gatekeeper(
      Instances instances,
      Function<Instance, Engines> engines,
      ClientAddresses addresses,
      Penalties penalties,
      boolean ownPages,
      Trace trace) {
    this.instances = instances;
    this.engines = engines;
    this.addresses = addresses;
    this.penalties = penalties;
    this.ownPages = ownPages;
    this.trace = trace;
  }

  /**
   * One that decides as this one would, if somebody asked: whoever shows a session is {@code
   * visitor}, and nobody is counted or reported.
   *
   * @param whom the Nextcloud that is asked
   * @param trace hears how it decides
   */
  public Gatekeeper supposing(Instance whom, NcUser visitor, Trace trace) {
    return new Gatekeeper(
        Instances.only(whom.visitedBy(visitor)),
        visited -> engines.apply(whom),
        addresses,
        new Penalties.None(penalties.answer()),
        ownPages,
        trace);
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
            isOrder,
            instance,
            penalties,
            trace);
    trace.caller(instance, caller.address(), caller.hasKey());
    if (caller.isBanned()) {
      return now(caller.banned()); // row 1
    }
    trace.path(target);
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
    if (signed == null && instance.isNobody()) {
      return now(caller.refuse(Reason.UNKNOWN_HOST));
    }
    var id = target.appId();
    if (id.isEmpty()) {
      return now(caller.refuseAndCountUnlessKeyed(Reason.UNKNOWN_EXAPP)); // row 9
    }
    var lookup = instance.records().get(id.get());
    return lookup.isComplete()
        ? found(caller, target, signed, lookup, executor)
        : Waiting.after(lookup, executor, found -> found(caller, target, signed, found, executor));
  }

  /** For whom it decides. */
  public Instances instances() {
    return instances;
  }

  /** Whether the key comes along, for when there is no room for anybody else. */
  public boolean isShownKeyBy(RequestHead request) {
    return isShownKey(instances.of(request), request);
  }

  /** Whether what a proxy in front says of it is believed. */
  public boolean isFromTrustedProxy(RequestHead request) {
    return addresses.isFromProxy(request);
  }

  /** Whether a trusted proxy is there. */
  public boolean isTrustedProxy(InetAddress peer) {
    return addresses.isProxy(peer);
  }

  /** Who it is believed to be from. */
  public InetAddress clientOf(RequestHead request) {
    return addresses.of(request);
  }

  private static boolean isShownKey(Instance instance, RequestHead request) {
    return instance.key().matches(request.header(AppApiHeaders.HARP_SHARED_KEY));
  }

  private Verdict order(RequestHead request, Caller caller, ExAppPath target) {
    var page = ownPages ? target.ownPage() : Optional.<String>empty();
    if (page.isPresent()) {
      return caller.verdict(new Decision.OwnPage(page.get()), Reason.OWN_PAGE);
    }
    if (!caller.hasKey()) {
      tellOfWrongKey(request, caller);
      return caller.refuseAndCount(Reason.WRONG_KEY_FOR_ORDER);
    }
    var engine = EnginePort.of(request);
    return engine.isEmpty() || target.isEngineOrder()
        ? caller.verdict(new Decision.Order(target.rest()), Reason.ORDER)
        : engineCall(request, caller, target.rest(), engine.get());
  }

  private Verdict engineCall(RequestHead request, Caller caller, String path, EnginePort named) {
    var port = named.port();
    if (port == 0) {
      return caller.refuse(Reason.BAD_ENGINE_PORT);
    }
    var number = named.number();
    var objection =
        number.isEmpty()
            ? Optional.of("engines have numbers " + EngineNumber.RANGE)
            : EngineRules.objection(request, path);
    if (objection.isPresent()) {
      return caller.refuse(Reason.ENGINE_RULE, "engine " + port + ": " + objection.get());
    }
    var reachable = engines.apply(caller.instance());
    return number
        .flatMap(reachable::find)
        .map(
            engine ->
                caller.verdict(
                    new Decision.EngineCall(
                        number.get(),
                        engine,
                        EngineRules.renamed(path, caller.instance().containers())),
                    Reason.ENGINE_CALL))
        .orElseGet(
            () ->
                caller.refuse(
                    Reason.NO_ENGINE,
                    "engine " + port + " is not connected; connected are " + reachable.numbers()));
  }

  private void tellOfWrongKey(RequestHead request, Caller caller) {
    var presented = request.header(AppApiHeaders.HARP_SHARED_KEY);
    if (presented != null) {
      penalties.wrongKey(caller.address(), presented);
    }
  }

  private static Future<Verdict> found(
      Caller caller,
      ExAppPath target,
      @Nullable SignedRequest signed,
      AsyncResult<Optional<ExApp>> lookup,
      Executor executor) {
    return signed == null
        ? unsigned(caller, target, lookup, executor)
        : signed(caller, target, signed, lookup, executor);
  }

  /** Rows 8 and 11: AppAPI vouches for it, and says itself where an unknown ExApp listens. */
  private static Future<Verdict> signed(
      Caller caller,
      ExAppPath target,
      SignedRequest signed,
      AsyncResult<Optional<ExApp>> lookup,
      Executor executor) {
    tellOfRecord(caller, target, lookup);
    var isKnown = lookup.succeeded() && lookup.result().isPresent();
    var exApp = isKnown ? lookup.result() : target.appId().flatMap(signed::exApp);
    if (exApp.isEmpty()) {
      return now(caller.refuse(Reason.BAD_SIGNED_PORT));
    }
    var asked = new ExAppRequest(caller, exApp.get(), target.rest(), executor);
    return signed.vouches() ? now(asked.signed(signed)) : asked.byRoute();
  }

  private static Future<Verdict> unsigned(
      Caller caller, ExAppPath target, AsyncResult<Optional<ExApp>> lookup, Executor executor) {
    if (lookup.failed()) {
      return now(caller.unanswered(Reason.LOOKUP_FAILED, lookup.cause())); // row 10
    }
    tellOfRecord(caller, target, lookup);
    if (lookup.result().isEmpty()) {
      return now(caller.refuseAndCountUnlessKeyed(Reason.UNKNOWN_EXAPP)); // row 9
    }
    return new ExAppRequest(caller, lookup.result().get(), target.rest(), executor).byRoute();
  }

  private static void tellOfRecord(
      Caller caller, ExAppPath target, AsyncResult<Optional<ExApp>> lookup) {
    if (lookup.succeeded()) {
      target.appId().ifPresent(id -> caller.trace().record(id, lookup.result()));
    }
  }

  private static Reason whyNot(String path) {
    return ExAppPath.isMisplacedIn(path)
        ? Reason.EXAPPS_PREFIX_NOT_AT_START
        : Reason.NOT_AN_EXAPP_PATH;
  }

  private static Future<Verdict> now(Verdict verdict) {
    return Future.succeededFuture(verdict);
  }
}
