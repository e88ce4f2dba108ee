// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.dial.FailureNote;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection that logs in and on which the two programs give each other orders. */
final class ControlConnection extends SimpleChannelInboundHandler<Message> {

  private static final Logger LOG = LoggerFactory.getLogger(ControlConnection.class);

  /** What we say we are: the frpc that all deployed servers know. */
  private static final String VERSION = "0.61.1";

  /** What a session wants to hear from its control connection. */
  interface Events {
    void loggedIn(ChannelHandlerContext control, String runId);

    void workConnectionWanted();

    void proxyAnswered(ServerMessage.NewProxyResp answer);

    void introduced(ServerMessage.NatHoleResp answer);

    /** The session is over; the first call counts. */
    void failed(String reason);
  }

  private final TunnelClientOptions options;
  private final String runId;
  private final Clock clock;
  private final Events events;
  private boolean answered;
  private boolean loggedIn;
  private long lastPongNanos;

  ControlConnection(TunnelClientOptions options, String runId, Clock clock, Events events) {
    this.options = options;
    this.runId = runId;
    this.clock = clock;
    this.events = events;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    long now = clock.instant().getEpochSecond();
    ctx.writeAndFlush(
            new OpeningMessage.Login(
                VERSION,
                "",
                goOs(),
                goArch(),
                options.user(),
                PrivilegeKey.of(options.frpToken(), now),
                now,
                runId,
                "",
                options.metas(),
                OpeningMessage.ClientSpec.NONE,
                options.poolCount()))
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                fail(ctx, "the login could not be sent: " + FailureNote.describe(sent.cause()));
              }
            });
    startLoginTimeout(ctx);
  }

  private void startLoginTimeout(ChannelHandlerContext ctx) {
    var timeout = options.connectTimeout();
    var timer =
        ctx.executor()
            .schedule(
                () -> {
                  if (!answered) {
                    fail(ctx, "no answer to the login within " + timeout.toMillis() + " ms");
                  }
                },
                timeout.toMillis(),
                TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> timer.cancel(false));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (!loggedIn) {
      onLoginResp(ctx, message);
    } else if (message instanceof ServerMessage said) {
      said.when(
          wanted -> events.workConnectionWanted(),
          events::proxyAnswered,
          pong -> onPong(ctx, pong),
          events::introduced);
    } else {
      LOG.debug("the server sent {}, which a client of ours has no use for", message);
    }
  }

  private void onLoginResp(ChannelHandlerContext ctx, Message message) {
    answered = true;
    if (!(message instanceof Message.LoginResp answer)) {
      fail(ctx, "the server answered the login with " + message);
    } else if (!answer.error().isEmpty()) {
      fail(ctx, "the server refused the login: " + answer.error());
    } else if (answer.runId().isEmpty()) {
      fail(ctx, "the server's answer to the login has no run_id");
    } else {
      LOG.debug("logged in to a server of version {}", answer.version());
      loggedIn = true;
      ctx.pipeline().get(MessageCodec.class).encrypt(options.frpToken());
      events.loggedIn(ctx, answer.runId());
      options.heartbeat().ifPresent(heartbeat -> startHeartbeat(ctx, heartbeat));
    }
  }

  private void startHeartbeat(ChannelHandlerContext ctx, TunnelClientOptions.Heartbeat heartbeat) {
    lastPongNanos = ctx.executor().ticker().nanoTime();
    long interval = heartbeat.interval().toMillis();
    var pings =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> ping(ctx, heartbeat), interval, interval, TimeUnit.MILLISECONDS);
    ctx.channel().closeFuture().addListener(closed -> pings.cancel(false));
  }

  private void ping(ChannelHandlerContext ctx, TunnelClientOptions.Heartbeat heartbeat) {
    long silent = ctx.executor().ticker().nanoTime() - lastPongNanos;
    if (silent > heartbeat.timeout().toNanos()) {
      fail(ctx, "no answer to a heartbeat for " + TimeUnit.NANOSECONDS.toSeconds(silent) + " s");
    } else {
      ctx.writeAndFlush(ClientMessage.Ping.PLAIN);
    }
  }

  private void onPong(ChannelHandlerContext ctx, ServerMessage.Pong pong) {
    if (pong.error().isEmpty()) {
      lastPongNanos = ctx.executor().ticker().nanoTime();
    } else {
      fail(ctx, "the server refused a heartbeat: " + pong.error());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    events.failed(
        loggedIn
            ? "the server closed the control connection"
            : "the server closed the connection instead of answering the login");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    fail(ctx, "the control connection broke: " + FailureNote.describe(cause));
  }

  private void fail(ChannelHandlerContext ctx, String reason) {
    events.failed(reason);
    ctx.close();
  }

  /** The names that Go programs use. */
  private static String goOs() {
    var name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "darwin" : name;
  }

  private static String goArch() {
    var name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }
}
