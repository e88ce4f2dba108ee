// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.carrier.DatagramSockets;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelNames;
import io.github.harp.tunnel.frp.NatHoleMessage;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stun.StunQuestions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;

/**
 * Meets other peers: finds out how this host is seen, tells the server, does what it says. On one
 * event loop.
 */
public final class Meetings {

  private final TunnelClientOptions options;
  private final EventLoop loop;
  private final TunnelNames names;
  private final Executor blocking;

  /**
   * @param blocking runs what may take a while
   */
  public Meetings(
      TunnelClientOptions options, EventLoop loop, TunnelNames names, Executor blocking) {
    this.options = options;
    this.loop = loop;
    this.names = names;
    this.blocking = blocking;
  }

  /**
   * Meets a peer. Fails with what stood in the way.
   *
   * @param question of the transaction's id and where we are
   * @param secret of the proxy
   */
  CompletionStage<Hole> meet(
      Introducer introducer,
      BiFunction<String, Whereabouts, NatHoleMessage> question,
      String secret) {
    return lookAround()
        .thenCompose(
            here ->
                introducer
                    .ask(transaction -> question.apply(transaction, here))
                    .thenCompose(answer -> punch(here.socket(), introducer, answer, secret))
                    .whenComplete(
                        (hole, failure) -> {
                          if (failure != null) {
                            here.socket().close();
                          }
                        }));
  }

  private CompletionStage<Hole> punch(
      Channel socket, Introducer introducer, NatHoleResp answer, String secret) {
    try {
      var todo = Instructions.of(answer, introducer.server());
      var transaction = Introducer.newTransaction(introducer.clock());
      return new HolePunch(socket, todo, secret, transaction, this::bind).start();
    } catch (IOException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** A socket, and how it is seen. */
  private CompletionStage<Whereabouts> lookAround() {
    var own = CompletableFuture.supplyAsync(Whereabouts::ownAddresses, blocking);
    return stunServer().thenCombineAsync(own, this::ask, loop).thenCompose(asked -> asked);
  }

  private CompletionStage<Whereabouts> ask(InetSocketAddress server, List<InetAddress> own) {
    var seen = new CompletableFuture<Whereabouts>();
    bind()
        .addListener(
            (ChannelFuture bound) -> {
              if (!bound.isSuccess()) {
                seen.completeExceptionally(bound.cause());
                return;
              }
              StunQuestions.ask(bound.channel(), server)
                  .whenComplete(
                      (mapped, failure) -> {
                        if (failure == null) {
                          seen.complete(new Whereabouts(bound.channel(), mapped, own));
                        } else {
                          bound.channel().close();
                          seen.completeExceptionally(failure);
                        }
                      });
            });
    return seen;
  }

  /** With an IPv4 address if it has one: those are what NATs are about. */
  private CompletionStage<InetSocketAddress> stunServer() {
    var server = options.stunServer();
    var literal = NetUtil.createInetAddressFromIpAddressString(server.getHostString());
    if (literal != null) {
      return CompletableFuture.completedStage(new InetSocketAddress(literal, server.getPort()));
    }
    return names
        .addressesOf(server.getHostString())
        .thenCompose(
            found ->
                found.stream()
                    .filter(address -> address instanceof Inet4Address)
                    .findFirst()
                    .or(() -> found.stream().findFirst())
                    .map(address -> new InetSocketAddress(address, server.getPort()))
                    .map(CompletableFuture::completedStage)
                    .orElseGet(
                        () ->
                            CompletableFuture.failedStage(
                                new UnknownHostException(
                                    server.getHostString() + ": no address"))));
  }

  private ChannelFuture bind() {
    return DatagramSockets.on(loop).attr(ErrorAlarm.LISTENER, options.onFatalError()).bind(0);
  }
}
