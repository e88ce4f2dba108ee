// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.WebSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Clients that dial in to entrances on loopback, and the services behind them. */
final class DialledIn {

  final Vertx vertx = Vertx.vertx();
  final List<TunnelClient> clients = new ArrayList<>();

  /** What the entrance's listener was told of. */
  final Queue<String> refusals = new ConcurrentLinkedQueue<>();

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static TunnelEntrance.Place onLoopback(Optional<NodesAround> nodes) {
    return new TunnelEntrance.Place(
        new ListenAddress("127.0.0.1", 0).toSocketAddress(),
        Optional.empty(),
        nobody -> false,
        WebSockets.LIKE_OTHERS,
        Optional.empty(),
        nodes);
  }

  TunnelListener listener() {
    return new TunnelListener() {
      @Override
      public void refused(InetSocketAddress from, RefusalCode code, String reason) {
        refusals.add(reason);
      }
    };
  }

  /** A service that tells each who connects whose it is. */
  int serving(String name) throws Exception {
    var server = vertx.createNetServer().connectHandler(socket -> socket.end(Buffer.buffer(name)));
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  int echoing() throws Exception {
    var server = vertx.createNetServer().connectHandler(socket -> socket.handler(socket::write));
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  void dialIn(InetSocketAddress entrance, String token, String name, int port, int service) {
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", entrance.getPort())
                .metas(Map.of("token", token))
                .proxies(TunnelProxy.of(name, port, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.add(client);
    await().until(() -> client.status().isHealthy());
  }

  Channel connect(Upstream upstream) throws Exception {
    return get(upstream.connect(((VertxInternal) vertx).nettyEventLoopGroup().next()));
  }

  String answer(Upstream upstream) throws Exception {
    var channel = connect(upstream);
    try {
      return answerOn(channel).get(20, TimeUnit.SECONDS);
    } finally {
      channel.close();
    }
  }

  static CompletableFuture<String> answerOn(Channel channel) {
    var said = new CompletableFuture<String>();
    channel
        .pipeline()
        .addLast(
            new SimpleChannelInboundHandler<ByteBuf>() {
              @Override
              protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                said.complete(bytes.toString(US_ASCII));
              }
            });
    channel.config().setAutoRead(true);
    return said;
  }
}
