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
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connects visitors, who prove that they know a proxy's secret, to the proxy's owner: through this
 * server (stcp), or straight (xtcp).
 */
final class Visits {

  private static final String RELAY = "relay";

  private final Clients server;

  Visits(Clients server) {
    this.server = server;
  }

  // ---- through this server

  void begin(ChannelHandlerContext ctx, NewVisitorConn request, Connection connection) {
    Channel visitor = ctx.channel();
    Optional<ClientSession> client = server.sessions.find(request.runId());
    var realm = client.map(known -> known.identity().realm()).orElse("");
    var proxy = server.proxies.secret(realm, request.proxyName(), ProxyType.STCP);
    String refusal = refusal(request, client.orElse(null), proxy.orElse(null));
    if (refusal != null || proxy.isEmpty()) {
      connection.refused(RefusalCode.VISITOR, "visitor: " + refusal);
      visitor
          .writeAndFlush(new NewVisitorConnResp(request.proxyName(), String.valueOf(refusal)))
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    connection.known(server.limits.perClient().streams());
    server.introductions.relayed();
    Relay relay = new Relay();
    visitor.config().setAutoRead(false);
    visitor.writeAndFlush(new NewVisitorConnResp(request.proxyName(), ""));
    ctx.pipeline().replace(ctx.handler(), RELAY, relay);
    visitor.pipeline().get(MessageCodec.class).handOver();
    new PayloadWrapping(request.useEncryption(), request.useCompression(), proxy.get().secretKey())
        .addBefore(visitor.pipeline(), RELAY);
    new Dialling(proxy.get(), visitor.eventLoop(), new Dialling.User(connection.address(), null))
        .start(relay, visitor);
  }

  private @Nullable String refusal(
      NewVisitorConn request, @Nullable ClientSession client, OpenProxy.@Nullable Secret proxy) {
    if (client == null && !request.runId().isEmpty()) {
      return "no client control found for run id [" + request.runId() + "]";
    }
    if (proxy == null) {
      return "custom listener for [" + request.proxyName() + "] doesn't exist";
    }
    if (!PrivilegeKey.matches(request.signKey(), proxy.secretKey(), request.timestamp())) {
      return "visitor connection of [" + request.proxyName() + "] auth failed";
    }
    String user = client == null ? "" : client.user();
    return proxy.isFor(user) && mayVisit(client, proxy)
        ? null
        : "visitor connection of [" + request.proxyName() + "] user [" + user + "] not allowed";
  }

  private boolean mayVisit(@Nullable ClientSession visitor, OpenProxy.Secret proxy) {
    return server.authenticator.mayVisit(
        Optional.ofNullable(visitor).map(ClientSession::identity), proxy.name());
  }

  // ---- straight

  void introduce(NatHoleVisitor request, ClientSession visitor) {
    var realm = visitor.identity().realm();
    var proxy = server.proxies.secret(realm, request.proxyName(), ProxyType.XTCP);
    var refusal = refusal(request, visitor, proxy.orElse(null));
    if (refusal != null || proxy.isEmpty()) {
      visitor.connection().refused(RefusalCode.VISITOR, "visitor: " + refusal);
      visitor.answer(NatHoleResp.refusal(request.transactionId(), String.valueOf(refusal)));
    } else if (request.preCheck()) {
      visitor.answer(NatHoleResp.consent(request.transactionId()));
    } else {
      var open = proxy.get();
      server.introductions.begin(request, visitor, open.owner(), sid -> call(open, sid));
    }
  }

  /** frps asks for the user in the first look only, which a visitor may leave out. */
  private @Nullable String refusal(
      NatHoleVisitor request, ClientSession visitor, OpenProxy.@Nullable Secret proxy) {
    var user = visitor.user();
    if (proxy == null) {
      return "xtcp server for [" + request.proxyName() + "] doesn't exist";
    }
    if (!proxy.isFor(user) || !mayVisit(visitor, proxy)) {
      return "xtcp visitor user [" + user + "] not allowed for [" + request.proxyName() + "]";
    }
    return request.preCheck()
            || PrivilegeKey.matches(request.signKey(), proxy.secretKey(), request.timestamp())
        ? null
        : "xtcp connection of [" + request.proxyName() + "] auth failed";
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
