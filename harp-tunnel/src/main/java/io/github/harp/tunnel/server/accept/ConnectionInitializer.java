// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import io.github.harp.tunnel.TunnelLimits;
import io.github.harp.tunnel.stream.HeldBytes;
import io.github.harp.tunnel.yamux.YamuxOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The first thing that happens to an accepted connection: it is counted, timed, and looked at. */
@ChannelHandler.Sharable
public final class ConnectionInitializer extends ChannelInitializer<Channel> {

  /** What the detectors need to know. */
  record Openings(
      @Nullable Supplier<SslContext> tls,
      boolean plain,
      TunnelLimits limits,
      YamuxOptions yamux,
      Function<Connection, ChannelHandler> streams,
      Refusals refusals) {}

  /** A client streams only its login before it is known. */
  private static final int STREAMS_BEFORE_LOGIN = 4;

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

  /** What has been given to the kernel cannot be overtaken by a small answer any more. */
  private static final long UNSENT_BYTES_IN_KERNEL = 128 * 1024;

  private final NewConnections newConnections;
  private final Openings openings;

  /**
   * @param streams gives the initializer of the streams of a connection
   */
  public ConnectionInitializer(
      NewConnections newConnections,
      @Nullable Supplier<SslContext> tls,
      boolean plain,
      TunnelLimits limits,
      HeldBytes heldBytes,
      Function<Connection, ChannelHandler> streams,
      Refusals refusals) {
    this.newConnections = newConnections;
    YamuxOptions yamux =
        new YamuxOptions(
            STREAMS_BEFORE_LOGIN, limits.perClient().budgetBytes(), KEEP_ALIVE, heldBytes);
    this.openings = new Openings(tls, plain, limits, yamux, streams, refusals);
  }

  @Override
  protected void initChannel(Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress address)) {
      channel.close();
      return;
    }
    if (channel instanceof EpollSocketChannel) {
      channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES_IN_KERNEL);
    }
    Connection connection =
        new Connection(
            channel,
            address,
            newConnections,
            openings.refusals(),
            openings.limits().times().firstMessage());
    channel.pipeline().addLast(new TlsDetector(connection, openings));
  }
}
