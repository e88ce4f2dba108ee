// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.NatHoleMessage;
import io.github.harp.tunnel.frp.ServerMessage.NewProxyResp;
import io.github.harp.tunnel.frp.ServerMessage.Pong;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.FloodGuard;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The control connection of a client that is logged in. Proxies are opened and closed one after
 * another, in the order of the messages.
 */
final class ControlMessages extends SimpleChannelInboundHandler<Message> {

  private static final int MAX_BACKLOG = 100;
  private static final int BURST = 200;
  private static final int MESSAGES_PER_SECOND = 20;
  private static final Duration HEARTBEAT_CHECK = Duration.ofSeconds(5);

  private final ClientSession session;
  private final Clients server;
  private final FloodGuard rate;
  private final ArrayDeque<Runnable> backlog = new ArrayDeque<>();
  private boolean busy;
  private long lastPingNanos;
  private @Nullable ScheduledFuture<?> heartbeatCheck;
  private @Nullable ScheduledFuture<?> unread;

  ControlMessages(ClientSession session, Clients server) {
    this.session = session;
    this.server = server;
    this.lastPingNanos = now();
    this.rate = new FloodGuard(BURST, MESSAGES_PER_SECOND, lastPingNanos);
  }

  /** A client without multiplexing has nothing but its heartbeat to show that it lives. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof StreamChannel control) {
      control.goFirst();
    }
    if (!session.connection().carrier().isMultiplexed()) {
      heartbeatCheck =
          ctx.executor()
              .scheduleAtFixedRate(
                  this::checkHeartbeat,
                  HEARTBEAT_CHECK.toMillis(),
                  HEARTBEAT_CHECK.toMillis(),
                  TimeUnit.MILLISECONDS);
    }
  }

  private void checkHeartbeat() {
    if (now() - lastPingNanos > server.limits.times().heartbeat().toNanos()) {
      session.abandon("no heartbeat for " + server.limits.times().heartbeat().toSeconds() + " s");
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (heartbeatCheck != null) {
      heartbeatCheck.cancel(false);
    }
    readsAgain();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (!isAwaited(message) && !rate.allow(now())) {
      session.close("too many control messages");
    } else if (message instanceof ClientMessage said) {
      said.when(
          request -> enqueue(() -> open(ctx, request)),
          request -> enqueue(() -> close(request.proxyName())),
          ping -> {
            lastPingNanos = now();
            ctx.writeAndFlush(Pong.OK);
          },
          this::introduce);
    }
  }

  /** What visitors have it say is not the client's own: many of them don't end its tunnel. */
  private boolean isAwaited(Message message) {
    return message instanceof NatHoleMessage said && server.introductions.awaits(said, session);
  }

  private void introduce(NatHoleMessage message) {
    message.when(
        visitor -> server.visitors.introduce(visitor, session),
        owner -> server.introductions.answer(owner, session),
        report -> server.introductions.report(report, session));
  }

  private void enqueue(Runnable order) {
    if (backlog.size() >= MAX_BACKLOG) {
      session.close("more than " + MAX_BACKLOG + " proxies at once");
      return;
    }
    backlog.add(order);
    work();
  }

  private void work() {
    while (!busy && !session.isClosing()) {
      Runnable next = backlog.poll();
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  private void close(String proxyName) {
    session.proxies().stream()
        .filter(proxy -> proxy.name().equals(proxyName))
        .forEach(proxy -> session.withdraw(proxy, "closed by the client"));
  }

  private void open(ChannelHandlerContext ctx, NewProxy request) {
    busy = true;
    new ProxyOpening(request, session, server)
        .start()
        .addListener(opened -> answer(ctx, request, opened));
  }

  private void answer(
      ChannelHandlerContext ctx, NewProxy request, Future<? super OpenProxy> opened) {
    busy = false;
    if (opened.isSuccess()) {
      var proxy = (OpenProxy) opened.getNow();
      session.announce(proxy);
      ctx.writeAndFlush(new NewProxyResp(request.proxyName(), proxy.remoteAddress(), ""));
    } else {
      var error = String.valueOf(opened.cause().getMessage());
      ctx.writeAndFlush(new NewProxyResp(request.proxyName(), "", error));
    }
    work();
  }

  /**
   * A thousand users at once are that many words to the client, and its line may be full: it is
   * gone only when it still has not read them after the time that users wait for it.
   */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    readsAgain();
    if (!ctx.channel().isWritable()) {
      unread =
          ctx.executor()
              .schedule(
                  () -> session.close("the client does not read its control connection"),
                  server.limits.times().workConnection().toMillis(),
                  TimeUnit.MILLISECONDS);
    }
  }

  private void readsAgain() {
    if (unread != null) {
      unread.cancel(false);
      unread = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    session.close("the client's connection ended");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    String what = Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
    session.close(cause instanceof TunnelException ? what : "control connection: " + what);
  }

  private long now() {
    return session.loop().ticker().nanoTime();
  }
}
