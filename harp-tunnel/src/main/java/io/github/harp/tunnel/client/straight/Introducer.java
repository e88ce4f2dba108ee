// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.NatHoleMessage;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleReport;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The server as one who introduces peers to each other, for as long as a control connection lives.
 * On its event loop.
 */
public final class Introducer {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int MOST_QUESTIONS = 64;

  /** A sender is told a second later than the receiver, and the owner is asked before. */
  private static final long ANSWER_SECONDS = 10;

  private static final InetAddress ANYWHERE = new InetSocketAddress(0).getAddress();

  private final Channel control;
  private final InstantSource clock;
  private final Map<String, CompletableFuture<NatHoleResp>> asked = new HashMap<>();

  public Introducer(Channel control, InstantSource clock) {
    this.control = control;
    this.clock = clock;
    control.closeFuture().addListener(closed -> failAll());
  }

  /**
   * Asks the server.
   *
   * @param question made of the id that its answer will name
   */
  CompletableFuture<NatHoleResp> ask(Function<String, NatHoleMessage> question) {
    var answer = new CompletableFuture<NatHoleResp>();
    if (!control.isActive() || asked.size() >= MOST_QUESTIONS) {
      return CompletableFuture.failedFuture(
          new TunnelException(Code.LIMIT_REACHED, "the server can't be asked about a peer now"));
    }
    var transaction = newTransaction(clock);
    asked.put(transaction, answer);
    control.writeAndFlush(question.apply(transaction));
    var timer =
        control
            .eventLoop()
            .schedule(
                () ->
                    answer.completeExceptionally(
                        new TunnelException(
                            Code.TIMEOUT, "the server said nothing about the peer in time")),
                ANSWER_SECONDS,
                TimeUnit.SECONDS);
    answer.whenComplete(
        (said, failure) -> {
          timer.cancel(false);
          asked.remove(transaction);
        });
    return answer;
  }

  /** As frp makes them: the time, and 16 digits. */
  static String newTransaction(InstantSource clock) {
    return clock.instant().getEpochSecond() + "%016x".formatted(RANDOM.nextLong());
  }

  /** What the server says; nothing, if it was not asked. */
  public void answered(NatHoleResp answer) {
    var waiting = asked.get(answer.transactionId());
    if (waiting == null) {
      return;
    }
    if (answer.error().isEmpty()) {
      waiting.complete(answer);
    } else {
      waiting.completeExceptionally(
          new TunnelException(Code.REFUSED, "the server says no: " + answer.error()));
    }
  }

  /** Tells the server what came of an introduction. */
  void report(String sid, boolean success) {
    control.writeAndFlush(new NatHoleReport(sid, success));
  }

  /** Where the server is, which may name addresses on this host only if it is here, too. */
  InetAddress server() {
    return outermost(control).remoteAddress() instanceof InetSocketAddress known
        ? known.getAddress()
        : ANYWHERE;
  }

  private static Channel outermost(Channel channel) {
    var one = channel;
    while (one.parent() != null) {
      one = one.parent();
    }
    return one;
  }

  InstantSource clock() {
    return clock;
  }

  private void failAll() {
    for (var answer : Map.copyOf(asked).values()) {
      answer.completeExceptionally(
          new TunnelException(Code.CLOSED, "the server went before it said where the peer is"));
    }
  }
}
