// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.github.harp.proxy.transport.TransportChoice;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;

/** The main class of the backend's JVM. */
public final class BackendProcess {
  private static final int BODY_CHUNK_BYTES = 64 * 1024;

  private BackendProcess() {}

  /**
   * Arguments: the port of {@link LiveServer}, of Nextcloud, of the file server, of the hostile
   * ExApp.
   */
  public static void main(String[] ports) throws InterruptedException {
    int livePort = Integer.parseInt(ports[0]);
    int nextcloudPort = Integer.parseInt(ports[1]);
    int filePort = Integer.parseInt(ports[2]);
    int hostilePort = Integer.parseInt(ports[3]);
    TransportChoice.AUTO
        .start()
        .createHttpServer()
        .requestHandler(KnownApps.nextcloud(filePort, livePort, hostilePort))
        .listen(nextcloudPort, "127.0.0.1")
        .await();
    new ServerBootstrap()
        .group(new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory()))
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec(8192, 16384, BODY_CHUNK_BYTES), new LiveServer());
              }
            })
        // All of 127.0.0.0/8 is this machine.
        .bind(livePort)
        .sync()
        .channel()
        .closeFuture()
        .await();
  }
}
