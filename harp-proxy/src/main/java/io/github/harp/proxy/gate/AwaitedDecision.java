// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.proxy.RequestRecord.Failure.Kind;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.Handling;
import io.github.harp.proxy.exchange.LostExApp;
import io.github.harp.proxy.exchange.OwnAnswer;
import io.github.harp.proxy.loop.Limit;
import io.netty.handler.codec.http.HttpContent;
import java.util.ArrayList;
import java.util.List;

/** Holds a request until the gatekeeper has its answer. */
final class AwaitedDecision implements Handling {

  private final Exchange exchange;

  /** What was read along with the head; the client's side is paused. */
  private final List<HttpContent> early = new ArrayList<>(1);

  /** ExApps that were taken out of service while this waits: the decision may not know it. */
  private final List<LostExApp> outOfService = new ArrayList<>(0);

  AwaitedDecision(Exchange exchange) {
    this.exchange = exchange;
  }

  /** What has become known meanwhile holds for what was decided, too. */
  @Override
  public void decided() {
    outOfService.forEach(exchange::outOfService);
  }

  /**
   * The content that has come meanwhile goes to whoever handles the request now. The read that it
   * came with is long over, so nothing else would make the next one flush.
   */
  void passOnTo(Handling next) {
    early.forEach(next::content);
    early.clear();
    next.contentReadComplete();
  }

  @Override
  public void content(HttpContent content) {
    early.add(content);
  }

  @Override
  public void outOfService(LostExApp exApp) {
    outOfService.add(exApp);
  }

  @Override
  public void clientGone() {
    passOnTo(DISCARD);
  }

  @Override
  public Limit limit() {
    return Limit.DECISION;
  }

  @Override
  public void expired(Limit limit) {
    passOnTo(DISCARD);
    exchange.fail(OwnAnswer.text(503), new Failure(Kind.DECISION_TIMEOUT, "not decided in time"));
  }
}
