// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Connects visitors of stcp proxies, who prove that they know the proxy's secret, to the proxy's
 * owner.
 */
final class Visitors {

  private static final String ANYBODY = "*";
  private static final String RELAY = "relay";

  private final Clients server;

  Visitors(Clients server) {
    this.server = server;
  }

  void begin(ChannelHandlerContext ctx, NewVisitorConn request, Connection connection) {
    Channel visitor = ctx.channel();
    Optional<ClientSession> client = server.sessions.find(request.runId());
    var realm = client.map(known -> known.identity().realm()).orElse("");
    var proxy = server.proxies.secret(realm, request.proxyName());
    String refusal = refusal(request, client.orElse(null), proxy.orElse(null));
    if (refusal != null || proxy.isEmpty()) {
      connection.refused(RefusalCode.VISITOR, "visitor: " + refusal);
      visitor
          .writeAndFlush(new NewVisitorConnResp(request.proxyName(), String.valueOf(refusal)))
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    connection.known(server.limits.perClient().streams());
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

  private static @Nullable String refusal(
      NewVisitorConn request, @Nullable ClientSession client, OpenProxy.@Nullable Stcp proxy) {
    if (client == null && !request.runId().isEmpty()) {
      return "no client control found for run id [" + request.runId() + "]";
    }
    if (proxy == null || !proxy.isAnnounced()) {
      return "custom listener for [" + request.proxyName() + "] doesn't exist";
    }
    if (!PrivilegeKey.matches(request.signKey(), proxy.secretKey(), request.timestamp())) {
      return "visitor connection of [" + request.proxyName() + "] auth failed";
    }
    String user = client == null ? "" : client.user();
    List<String> allowed =
        proxy.allowedUsers().isEmpty() ? List.of(proxy.owner().user()) : proxy.allowedUsers();
    return allowed.contains(user) || allowed.contains(ANYBODY)
        ? null
        : "visitor connection of [" + request.proxyName() + "] user [" + user + "] not allowed";
  }
}
