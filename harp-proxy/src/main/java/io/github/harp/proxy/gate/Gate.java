// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.access.AppApiHeaders;
import io.github.harp.core.access.Decision;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.engine.EnginePassThrough;
import io.github.harp.proxy.engine.EnginePassThrough.Verdict;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.exchange.LoopResources;
import io.github.harp.proxy.exchange.OwnAnswer;
import io.github.harp.proxy.exchange.RequestHandler;
import io.github.harp.proxy.forward.Forwarder;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the gatekeeper about each request of one event loop and does what it decides. */
public final class Gate implements RequestHandler {

  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final int RETRY_AFTER_SECONDS = 5;
  private static final int LARGE_HEAD_BYTES = 8 * 1024;

  private final Gatekeeper gatekeeper;
  private final Forwarder forwarder;
  private final EnginePassThrough engines;
  private final ControlHandler orders;
  private final Admission admission;
  private final WrongKeyDelays wrongKeys;
  private final LoopResources loop;

  public Gate(
      Gatekeeper gatekeeper,
      Forwarder forwarder,
      EnginePassThrough engines,
      ControlHandler orders,
      Admission admission,
      WrongKeyDelays wrongKeys,
      LoopResources loop) {
    this.gatekeeper = gatekeeper;
    this.forwarder = forwarder;
    this.engines = engines;
    this.orders = orders;
    this.admission = admission;
    this.wrongKeys = wrongKeys;
    this.loop = loop;
  }

  @Override
  public void handle(Exchange exchange) {
    var client = exchange.client();
    var head = new NettyRequestHead(exchange.request(), exchange.path(), client.peer());
    if (client.isOnReserve() && !gatekeeper.isShownKeyBy(head)) {
      client.lastRequest();
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
    var decision = LoopResources.ask(() -> gatekeeper.decide(head, loop.loop()));
    if (decision.isComplete()) {
      carryOut(exchange, head, decision);
      return;
    }
    var waiting = new AwaitedDecision(exchange);
    exchange.handleWith(waiting);
    exchange.pauseBody();
    loop.when(
        decision,
        decided -> {
          if (!exchange.isOver()) {
            carryOut(exchange, head, decided);
            waiting.passOnTo(exchange.handling());
            if (!exchange.handling().holdsBody()) {
              exchange.resumeBody();
            }
          }
        });
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

  private void carryOut(Exchange exchange, NettyRequestHead head, Future<Decision> decided) {
    if (decided.failed()) {
      fail(exchange, decided.cause());
      return;
    }
    var decision = decided.result();
    exchange.decided(decision);
    if (exchange.isOver()) {
      return;
    }
    if (isKeyed(decision) && decision.client().equals(exchange.client().peer())) {
      exchange.client().keyed();
    }
    try {
      carryOut(exchange, head, decision);
    } catch (RuntimeException e) {
      LOG.error("request {} can't be carried out: this is a defect", exchange.path(), e);
      fail(exchange, e);
    }
  }

  private static void fail(Exchange exchange, Throwable cause) {
    exchange.fail(OwnAnswer.text(503), new Failure(Kind.DECISION_FAILED, cause.toString()));
  }

  private void carryOut(Exchange exchange, NettyRequestHead head, Decision decision) {
    if (decision instanceof Decision.Forward forward) {
      if (admission.admits(exchange, forward)) {
        forwarder.forward(exchange, forward);
      }
    } else if (isOurs(decision) && exchange.client().asksForUpgrade()) {
      Forwarder.refuseUpgrade(exchange);
    } else if (decision instanceof Decision.Control control) {
      new ControlCall(exchange, orders, loop).start(control.path(), head);
    } else if (decision instanceof Decision.Engine engine) {
      passThrough(exchange, engine, head);
    } else if (isGuess(decision, head)) {
      turnAwayGuess(exchange, decision);
    } else {
      turnAway(exchange, decision);
    }
  }

  private void turnAway(Exchange exchange, Decision decision) {
    if (decision instanceof Decision.Refuse refuse) {
      exchange.answer(answer(refuse));
    } else {
      exchange.drop();
    }
  }

  /** No key at all is none. */
  private static boolean isGuess(Decision decision, NettyRequestHead head) {
    return switch (decision.reason()) {
      case WRONG_KEY_FOR_ORDER, WRONG_KEY_IN_SIGNED_REQUEST ->
          head.header(AppApiHeaders.HARP_SHARED_KEY) != null;
      default -> false;
    };
  }

  private void turnAwayGuess(Exchange exchange, Decision decision) {
    var delay = wrongKeys.afterOne(System.nanoTime());
    if (delay.isEmpty()) {
      exchange.drop();
    } else if (delay.get().isZero()) {
      turnAway(exchange, decision);
    } else {
      turnAwayAfter(delay.get(), exchange, decision);
    }
  }

  private void turnAwayAfter(Duration delay, Exchange exchange, Decision decision) {
    exchange.handleWith(Handling.DISCARD);
    loop.loop()
        .schedule(
            () -> {
              wrongKeys.waited();
              if (!exchange.isOver()) {
                turnAway(exchange, decision);
                exchange.client().flush();
              }
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  private static boolean isKeyed(Decision decision) {
    return isOurs(decision) || decision instanceof Decision.Forward forward && forward.signed();
  }

  /** For AppAPI: orders and engines, which know no upgrade. */
  private static boolean isOurs(Decision decision) {
    return decision instanceof Decision.Control || decision instanceof Decision.Engine;
  }

  /** Where Nextcloud did not answer, the client is told to come back. */
  private OwnAnswer answer(Decision.Refuse refuse) {
    var text = OwnAnswer.text(refuse.status());
    return switch (refuse.reason()) {
      case LOOKUP_FAILED, USER_LOOKUP_FAILED -> text.retryAfter(RETRY_AFTER_SECONDS);
      case BANNED -> OwnAnswer.banned((int) gatekeeper.banEnd(refuse.client()).toSeconds());
      default -> text;
    };
  }

  private void passThrough(Exchange exchange, Decision.Engine call, NettyRequestHead head) {
    var query = exchange.query();
    var verdict = engines.judge(call.port(), head, call.path(), query == null ? "" : query);
    if (verdict instanceof Verdict.Pass pass) {
      forwarder.forward(exchange, call, pass.engine());
    } else if (verdict instanceof Verdict.Refuse refuse) {
      exchange.fail(
          OwnAnswer.page(refuse.status()), new Failure(Kind.NO_UPSTREAM, refuse.reason()));
    }
  }
}
