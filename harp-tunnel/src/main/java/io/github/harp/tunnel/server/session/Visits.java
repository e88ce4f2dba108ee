// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.NatHoleMessage.NatHoleVisitor;
import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NatHoleResp;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.work.WorkConnection;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Relay;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Connects visitors, who prove that they know a proxy's secret, to the proxy's owner: through this
 * server (stcp), or straight (xtcp).
 */
final class Visits {

  private static final String RELAY = "relay";

  /** So many may wait for a refusal at a time; more are not told. */
  private static final int MOST_WAITING = 1_000;

  private enum Mistake {
    /** It knows the secret, or says none. */
    NOT_ALLOWED,
    /** Its client, or the proxy, whose owner may be about to come. */
    UNKNOWN,
    WRONG_SECRET
  }

  private record Refusal(Mistake mistake, String reason) {}

  private final AtomicInteger waiting = new AtomicInteger();
  private final Clients server;

  Visits(Clients server) {
    this.server = server;
  }

  // ---- through this server

  void begin(ChannelHandlerContext ctx, NewVisitorConn request, Connection connection) {
    if (connection.isRefused()) {
      ctx.close();
      return;
    }
    Channel visitor = ctx.channel();
    var unserved = server.heldBytes.waiting();
    server.heldBytes.idle().remove(visitor);
    unserved.add(visitor, () -> Reset.of(visitor));
    visitor.closeFuture().addListener(gone -> unserved.remove(visitor));
    Optional<ClientSession> client = server.sessions.find(request.runId());
    var realm = client.map(known -> known.identity().realm()).orElse("");
    var proxy = server.proxies.secret(realm, request.proxyName(), ProxyType.STCP);
    var refusal = refusal(request, client.orElse(null), proxy.orElse(null));
    if (refusal != null) {
      ctx.pipeline().replace(ctx.handler(), null, new Refused());
      refuse(visitor, request.proxyName(), refusal, connection, client);
      return;
    }
    var open = proxy.orElseThrow();
    connection.visited(visitor, server.limits.perClient().streams());
    server.introductions.relayed();
    Relay relay = new Relay();
    visitor.config().setAutoRead(false);
    visitor.writeAndFlush(new NewVisitorConnResp(request.proxyName(), ""));
    ctx.pipeline().replace(ctx.handler(), RELAY, relay);
    visitor.pipeline().get(MessageCodec.class).handOver();
    new PayloadWrapping(request.useEncryption(), request.useCompression(), open.secretKey())
        .addBefore(visitor.pipeline(), RELAY);
    new Dialling(open, visitor.eventLoop(), new Dialling.User(connection.address(), null))
        .start(relay, visitor)
        .addListener(served -> unserved.remove(visitor));
  }

  private @Nullable Refusal refusal(
      NewVisitorConn request, @Nullable ClientSession client, OpenProxy.@Nullable Secret proxy) {
    if (client == null && !request.runId().isEmpty()) {
      return new Refusal(
          Mistake.UNKNOWN, "no client control found for run id [" + request.runId() + "]");
    }
    if (proxy == null) {
      return new Refusal(
          Mistake.UNKNOWN, "custom listener for [" + request.proxyName() + "] doesn't exist");
    }
    var what = "visitor connection of [" + request.proxyName() + "] ";
    if (!PrivilegeKey.matches(request.signKey(), proxy.secretKey(), request.timestamp())) {
      return new Refusal(Mistake.WRONG_SECRET, what + "auth failed");
    }
    String user = client == null ? "" : client.user();
    return proxy.isFor(user) && mayVisit(client, proxy)
        ? null
        : new Refusal(Mistake.NOT_ALLOWED, what + "user [" + user + "] not allowed");
  }

  private boolean mayVisit(@Nullable ClientSession visitor, OpenProxy.Secret proxy) {
    return server.authenticator.mayVisit(
        Optional.ofNullable(visitor).map(ClientSession::identity), proxy.name());
  }

  private void refuse(
      Channel visitor,
      String name,
      Refusal refusal,
      Connection connection,
      Optional<ClientSession> client) {
    connection.refused(RefusalCode.VISITOR, "visitor: " + refusal.reason());
    var text = refusal.reason();
    if (refusal.mistake() == Mistake.WRONG_SECRET) {
      var session = sessionOn(connection).or(() -> client);
      if (session.isPresent()) {
        countGuess(session.get(), connection);
      } else {
        text = fail(visitor, connection, text);
      }
    }
    var answer = new NewVisitorConnResp(name, text);
    tell(
            refusal,
            connection,
            visitor.eventLoop(),
            () -> visitor.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE))
        .ifPresentOrElse(
            told -> visitor.closeFuture().addListener(gone -> told.cancel(false)),
            () -> Reset.of(visitor));
  }

  /** Old clients don't say which they are. */
  private Optional<ClientSession> sessionOn(Connection connection) {
    return server.sessions.all().stream()
        .filter(session -> session.connection() == connection)
        .findAny();
  }

  /** Its users share its connection: it is left alone for as long as it may be a mistake. */
  private static void countGuess(ClientSession session, Connection connection) {
    if (!connection.mayGuessAgain()) {
      session.close("too many wrong secrets of visitors from its address");
    }
  }

  /** As a wrong login, of which a connection has one as well; returns what to say. */
  private String fail(Channel visitor, Connection connection, String reason) {
    var address = connection.address().getAddress();
    var bans = server.options.bans();
    connection.loginFailed();
    bans.recordFailure(address, reason);
    visitor
        .closeFuture()
        .addListener(
            gone ->
                visitor
                    .eventLoop()
                    .schedule(
                        connection::close, Logins.FAREWELL.toMillis(), TimeUnit.MILLISECONDS));
    return bans.isBanned(address) ? "banned" : reason;
  }

  /** Has this done when it is time for it; empty if too many wait already. */
  private Optional<Future<?>> tell(
      Refusal refusal, Connection connection, EventLoop loop, Runnable answer) {
    if (refusal.mistake() == Mistake.NOT_ALLOWED) {
      answer.run();
      return Optional.of(loop.newSucceededFuture(null));
    }
    var penalty = connection.penalty();
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return Optional.empty();
    }
    Future<?> told = loop.schedule(answer, penalty.toMillis(), TimeUnit.MILLISECONDS);
    told.addListener(done -> waiting.decrementAndGet());
    return Optional.of(told);
  }

  /** A visitor that speaks before it is answered is none of frp's. */
  private static final class Refused extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ReferenceCountUtil.release(msg);
      ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      ctx.close();
    }
  }

  // ---- straight

  void introduce(NatHoleVisitor request, ClientSession visitor) {
    var realm = visitor.identity().realm();
    var proxy = server.proxies.secret(realm, request.proxyName(), ProxyType.XTCP);
    var refusal = refusal(request, visitor, proxy.orElse(null));
    if (refusal != null) {
      visitor.connection().refused(RefusalCode.VISITOR, "visitor: " + refusal.reason());
      if (refusal.mistake() == Mistake.WRONG_SECRET) {
        countGuess(visitor, visitor.connection());
      }
      var answer = NatHoleResp.refusal(request.transactionId(), refusal.reason());
      tell(refusal, visitor.connection(), visitor.loop(), () -> visitor.answer(answer));
    } else if (request.preCheck()) {
      visitor.answer(NatHoleResp.consent(request.transactionId()));
    } else {
      var open = proxy.orElseThrow();
      server.introductions.begin(request, visitor, open.owner(), sid -> call(open, sid));
    }
  }

  /** frps asks for the user in the first look only, which a visitor may leave out. */
  private @Nullable Refusal refusal(
      NatHoleVisitor request, ClientSession visitor, OpenProxy.@Nullable Secret proxy) {
    var user = visitor.user();
    var name = "[" + request.proxyName() + "]";
    if (proxy == null) {
      return new Refusal(Mistake.UNKNOWN, "xtcp server for " + name + " doesn't exist");
    }
    if (!proxy.isFor(user) || !mayVisit(visitor, proxy)) {
      return new Refusal(
          Mistake.NOT_ALLOWED, "xtcp visitor user [" + user + "] not allowed for " + name);
    }
    return request.preCheck()
            || PrivilegeKey.matches(request.signKey(), proxy.secretKey(), request.timestamp())
        ? null
        : new Refusal(Mistake.WRONG_SECRET, "xtcp connection of " + name + " auth failed");
  }

  /** Tells the owner on a work connection; one that has none is not introduced. */
  private static void call(OpenProxy.Secret proxy, String sid) {
    var owner = proxy.owner();
    owner.onLoop(
        () ->
            owner
                .pool()
                .take(owner.loop())
                .addListener(
                    (Future<WorkConnection> taken) -> {
                      if (taken.isSuccess()) {
                        var work = taken.getNow();
                        ClientSession.onLoop(
                            work.channel().eventLoop(),
                            () ->
                                work.call(
                                    new StartWorkConn(proxy.name(), "", "", 0, 0, ""),
                                    new NatHoleSid("", sid, false, "")));
                      }
                    }));
  }
}
