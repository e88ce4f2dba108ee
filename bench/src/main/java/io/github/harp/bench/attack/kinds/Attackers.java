// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.attack.kinds;

import io.github.harp.bench.attack.kinds.Door.Doors;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Attacks until it is closed, from one event loop; plays the hostile ExApp besides. Thread-safe.
 */
public final class Attackers implements AutoCloseable {
  private static final long REOPEN_MILLIS = 20;
  private static final int CLIENT_ADDRESSES = 8;
  private static final int SMALL_BYTES = 4096;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Tally tally = new Tally();
  private final Doors doors;
  private final SslContext tls;
  private final SslContext http2;

  private @Nullable TunnelClient farEnd;

  private Attackers(Doors doors) throws SSLException {
    this.doors = doors;
    this.tls = trusting().build();
    this.http2 =
        trusting()
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2))
            .build();
  }

  private SslContextBuilder trusting() {
    return SslContextBuilder.forClient()
        .sslProvider(SslProvider.JDK)
        .endpointIdentificationAlgorithm("")
        .keyManager(file("client.crt"), file("client.key"))
        .trustManager(InsecureTrustManagerFactory.INSTANCE);
  }

  /**
   * Begins at once.
   *
   * @param names of kinds, joined by {@code +}
   */
  public static Attackers start(String names, Doors doors)
      throws SSLException, InterruptedException {
    var attackers = new Attackers(doors);
    attackers.serve();
    attackers.farEnd = attackers.dialIn();
    attackers.attack(names);
    return attackers;
  }

  /** What they did so far. */
  public Tally tally() {
    return tally;
  }

  /** Ends them; what was under way is cut off. */
  @Override
  public void close() {
    if (farEnd != null) {
      farEnd.close();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void attack(String names) {
    int first = 0;
    for (var kind : AttackKind.named(names)) {
      for (int i = 0; i < kind.connections(); i++) {
        open(kind, first + i);
      }
      first += kind.connections();
    }
  }

  private void open(AttackKind kind, int number) {
    // An address that was banned for one attack is not to be missing in the next.
    var from =
        "127.%d.%d.%d"
            .formatted(
                1 + ProcessHandle.current().pid() % 200,
                ProcessHandle.current().pid() / 200 % 250,
                1 + number % CLIENT_ADDRESSES);
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(EpollSocketChannel.class)
            .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
    if (kind.isSmall()) {
      bootstrap
          .option(ChannelOption.SO_RCVBUF, SMALL_BYTES)
          .option(ChannelOption.SO_SNDBUF, SMALL_BYTES);
    }
    bootstrap
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                if (kind.door().handshakes()) {
                  var context = kind.door().asksForHttp2() ? http2 : tls;
                  channel.pipeline().addLast(context.newHandler(channel.alloc()));
                }
                channel
                    .pipeline()
                    .addLast(new Line(kind.script(), kind.door().handshakes(), number, tally));
              }
            })
        .connect(loopback("127.0.0.1", kind.door().port(doors)), loopback(from, 0))
        .channel()
        .closeFuture()
        .addListener(
            closed -> {
              if (!loop.isShuttingDown()) {
                loop.schedule(() -> open(kind, number), REOPEN_MILLIS, TimeUnit.MILLISECONDS);
              }
            });
  }

  private void serve() throws InterruptedException {
    new ServerBootstrap()
        .group(loop)
        .channel(EpollServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Line(HostileExApp::serve, false, 0, new Tally()));
              }
            })
        .bind(loopback("127.0.0.1", doors.hostile()))
        .sync();
  }

  /** The same ExApp over a tunnel. */
  private TunnelClient dialIn() throws SSLException {
    var trusting =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .endpointIdentificationAlgorithm("")
            .keyManager(file("client.crt"), file("client.key"))
            .trustManager(file("ca.crt"))
            .build();
    var target = new TunnelTarget.Tcp("127.0.0.1", doors.hostile());
    var app = App.TUNNELLED_HOSTILE;
    return TunnelClient.start(
        TunnelClientOptions.to("127.0.0.1", doors.tunnels())
            .tls(TunnelClientTls.of(() -> trusting, "harp.nc"))
            .metas(Map.of("token", Place.SHARED_KEY))
            .poolCount(0)
            .proxies(TunnelProxy.of(app.id(), app.tunnelPort(), target))
            .build());
  }

  private File file(String name) {
    return doors.certificates().resolve(name).toFile();
  }

  private static InetSocketAddress loopback(String address, int port) {
    return new InetSocketAddress(address, port);
  }
}
