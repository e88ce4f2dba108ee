// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import static io.github.harp.core.notice.Tracing.TRACEPARENT;
import static io.github.harp.core.notice.Tracing.TRACESTATE;

import io.github.harp.core.RequestHead;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.notice.Tracing;
import io.github.harp.proxy.OwnPages;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.SideDoor;
import io.github.harp.proxy.WrongKeyDelays;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.exchange.OwnAnswer;
import io.github.harp.proxy.exchange.RequestHandler;
import io.github.harp.proxy.forward.Forwarder;
import io.github.harp.proxy.forward.head.NextStep;
import io.github.harp.proxy.loop.LoopResources;
import io.github.harp.proxy.loop.RequestIds;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the gatekeeper about each request of one event loop and does what it decides. */
public final class Gate implements RequestHandler, Decision.Cases<Exchange> {

  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final int RETRY_AFTER_SECONDS = 5;
  private static final int LARGE_HEAD_BYTES = 8 * 1024;

  private final Gatekeeper gatekeeper;
  private final Forwarder forwarder;
  private final RunningOrders orders;
  private final OwnPages pages;
  private final Admission admission;
  private final WrongKeyDelays wrongKeys;
  private final Optional<SideDoor> sideDoor;
  private final LoopResources loop;

  /**
   * @param sideDoor where not the gatekeeper decides, but whoever takes the connection
   */
  public Gate(
      Gatekeeper gatekeeper,
      Forwarder forwarder,
      RunningOrders orders,
      OwnPages pages,
      Admission admission,
      WrongKeyDelays wrongKeys,
      Optional<SideDoor> sideDoor,
      LoopResources loop) {
    this.gatekeeper = gatekeeper;
    this.forwarder = forwarder;
    this.orders = orders;
    this.pages = pages;
    this.admission = admission;
    this.wrongKeys = wrongKeys;
    this.sideDoor = sideDoor;
    this.loop = loop;
  }

  @Override
  public boolean isProxy(InetAddress peer) {
    return gatekeeper.isTrustedProxy(peer);
  }

  @Override
  public void handle(Exchange exchange) {
    var client = exchange.client();
    var head = NettyRequestHead.of(exchange);
    keepName(exchange, head);
    if (client.isOnReserve() && !gatekeeper.isShownKeyBy(head)) {
      exchange.answers().lastRequest();
      exchange.fail(
          OwnAnswer.text(503).retryAfter(RETRY_AFTER_SECONDS),
          new Failure(Kind.OVERLOAD, "connections are left for callers with the key only"));
      return;
    }
    if (isTooMuch(exchange) && !gatekeeper.isShownKeyBy(head)) {
      exchange.fail(
          OwnAnswer.text(503).retryAfter(RETRY_AFTER_SECONDS),
          new Failure(Kind.OVERLOAD, "memory is short"));
      return;
    }
    if (sideDoor.isPresent() && sideDoor.get().path().equals(exchange.path())) {
      var handover = new Handover(exchange, sideDoor.get(), gatekeeper.clientOf(head));
      exchange.handleWith(handover);
      loop.execute(handover::carryOut);
      return;
    }
    var verdict = follow(exchange, head).during(() -> decide(head));
    if (verdict.isComplete()) {
      carryOut(exchange, verdict);
      return;
    }
    var waiting = new AwaitedDecision(exchange);
    exchange.handleWith(waiting);
    exchange.pauseBody();
    loop.when(
        verdict,
        decided -> {
          if (!exchange.isOver()) {
            carryOut(exchange, decided);
            waiting.passOnTo(exchange.handling());
            if (!exchange.handling().holdsBody()) {
              exchange.resumeBody();
            }
          }
        });
  }

  private Future<Verdict> decide(RequestHead head) {
    return LoopResources.ask(() -> gatekeeper.decide(head, loop.loop()));
  }

  /** What strangers take part in is their own business, and ours begins here. */
  private Tracing.Step follow(Exchange exchange, RequestHead head) {
    var account = exchange.account();
    if (account.tracing().isOn()) {
      var headers = exchange.request().headers();
      var given = gatekeeper.isFromTrustedProxy(head) ? headers.get(TRACEPARENT) : null;
      var whole = account.tracing().request(head.method(), given == null ? "" : given);
      account.follow(whole);
      if (given == null) {
        headers.remove(TRACESTATE);
      }
      NextStep.tell(headers, whole);
    }
    return account.enter("decision");
  }

  /** A proxy that is trusted may have called it something already. */
  private void keepName(Exchange exchange, RequestHead head) {
    var given = head.header(RequestIds.HEADER);
    if (given != null && RequestIds.isGood(given) && gatekeeper.isFromTrustedProxy(head)) {
      exchange.account().named(given);
    }
  }

  @Override
  public void close() {
    forwarder.close();
  }

  /** While memory is short large heads come first, then everybody; those with the key last. */
  private boolean isTooMuch(Exchange exchange) {
    var budget = loop.holdings().budget();
    return budget.isExhausted()
        || exchange.headBytes() > LARGE_HEAD_BYTES && budget.requests().isShort();
  }

  private void carryOut(Exchange exchange, Future<Verdict> decided) {
    if (decided.failed()) {
      fail(exchange, decided.cause());
      return;
    }
    var verdict = decided.result();
    exchange.decided(verdict);
    if (exchange.isOver()) {
      return;
    }
    if (verdict.keyed() && verdict.client().equals(exchange.client().peer())) {
      exchange.client().keyed();
    }
    try {
      if (isGuess(exchange, verdict.reason())) {
        turnAwayGuess(exchange, verdict);
      } else {
        verdict.carryOut(this, exchange);
      }
    } catch (RuntimeException e) {
      LOG.error("request {} can't be carried out: this is a defect", exchange.path(), e);
      fail(exchange, e);
    }
  }

  private static void fail(Exchange exchange, Throwable cause) {
    exchange.fail(OwnAnswer.text(503), new Failure(Kind.DECISION_FAILED, cause.toString()));
  }

  @Override
  public void forward(Exchange exchange, Verdict verdict, Decision.Forward forward) {
    if (admission.admits(exchange, verdict, forward)) {
      forwarder.forward(exchange, verdict.instance(), forward);
    }
  }

  @Override
  public void order(Exchange exchange, Verdict verdict, Decision.Order order) {
    if (isPlain(exchange)) {
      new ControlCall(exchange, verdict.instance(), order.path(), orders, loop).start();
    }
  }

  @Override
  public void engineCall(Exchange exchange, Verdict verdict, Decision.EngineCall call) {
    if (isPlain(exchange)) {
      forwarder.forward(exchange, verdict.instance(), call);
    }
  }

  /** Without the slash at their end, what a page names would be looked for elsewhere. */
  @Override
  public void ownPage(Exchange exchange, Verdict verdict, Decision.OwnPage page) {
    if (page.path().isEmpty()) {
      var moved = OwnAnswer.head(308);
      moved.headers().set(HttpHeaderNames.LOCATION, "harp/");
      exchange.answer(moved, Unpooled.EMPTY_BUFFER);
    } else if (isPlain(exchange) && admission.admitsToPages(exchange, verdict.client())) {
      forwarder.forward(exchange, verdict, page.path(), pages);
    }
  }

  /** Orders, engines and pages know no upgrade; a request for one is answered. */
  private static boolean isPlain(Exchange exchange) {
    if (exchange.stream().asksForUpgrade()) {
      Forwarder.refuseUpgrade(exchange);
      return false;
    }
    return true;
  }

  @Override
  public void refuse(Exchange exchange, Verdict verdict, Decision.Refuse refuse) {
    int seconds = (int) refuse.retryAfter().toSeconds();
    exchange.answer(
        switch (verdict.reason()) {
          case BANNED -> OwnAnswer.banned(seconds);
          case ENGINE_RULE, NO_ENGINE -> OwnAnswer.page(refuse.status());
          default -> OwnAnswer.text(refuse.status()).retryAfter(seconds);
        });
  }

  @Override
  public void drop(Exchange exchange, Verdict verdict) {
    exchange.drop();
  }

  /** No key at all is none. */
  private static boolean isGuess(Exchange exchange, Reason reason) {
    return reason.isWrongKey()
        && exchange.request().headers().contains(AppApiHeaders.HARP_SHARED_KEY);
  }

  private void turnAwayGuess(Exchange exchange, Verdict verdict) {
    var delay = wrongKeys.afterOne(System.nanoTime());
    if (delay.isEmpty()) {
      exchange.drop();
    } else if (delay.get().isZero()) {
      verdict.carryOut(this, exchange);
    } else {
      turnAwayAfter(delay.get(), exchange, verdict);
    }
  }

  private void turnAwayAfter(Duration delay, Exchange exchange, Verdict verdict) {
    exchange.handleWith(Handling.DISCARD);
    loop.loop()
        .schedule(
            () -> {
              wrongKeys.waited();
              if (!exchange.isOver()) {
                verdict.carryOut(this, exchange);
                exchange.flush();
              }
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
  }
}
