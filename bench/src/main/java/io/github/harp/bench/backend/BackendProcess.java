// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetAddress;
import java.util.function.Consumer;

/** The main class of the backend's JVM. */
public final class BackendProcess {
  private static final int BODY_CHUNK_BYTES = 64 * 1024;

  private BackendProcess() {}

  /** Arguments: the port of {@link LiveServer}, of {@link StandInNextcloud}, of the file server. */
  public static void main(String[] ports) throws InterruptedException {
    int livePort = Integer.parseInt(ports[0]);
    int nextcloudPort = Integer.parseInt(ports[1]);
    int filePort = Integer.parseInt(ports[2]);
    var loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
    listen(
        loops,
        livePort,
        channel ->
            channel
                .pipeline()
                .addLast(new HttpServerCodec(8192, 16384, BODY_CHUNK_BYTES), new LiveServer()));
    var nextcloud = new StandInNextcloud(filePort, livePort);
    listen(
        loops,
        nextcloudPort,
        channel ->
            channel
                .pipeline()
                .addLast(
                    new HttpServerCodec(), new HttpObjectAggregator(BODY_CHUNK_BYTES), nextcloud));
    loops.terminationFuture().await();
  }

  private static void listen(EventLoopGroup loops, int port, Consumer<Channel> pipeline)
      throws InterruptedException {
    new ServerBootstrap()
        .group(loops)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                pipeline.accept(channel);
              }
            })
        .bind(InetAddress.getLoopbackAddress(), port)
        .sync();
  }
}
