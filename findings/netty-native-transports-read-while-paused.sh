#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18, Linux: a server channel that is paused (autoRead=false) stays paused with NIO when its client closes: what
# the client sent before waits in the kernel until the channel is resumed. With epoll and io_uring all of it is read and
# fired through the pipeline, pause or not, as soon as the client has closed. Back pressure by autoRead bounds memory on
# one transport of three; on the others, many clients that leave at once bring all that they had sent.
#
# Needs Maven, a JDK (17 or newer) and a kernel with io_uring. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver netty-transport-native-unix-common netty-transport-classes-epoll netty-transport-classes-io_uring; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done
platform=linux-$(uname -m | sed 's/aarch64/aarch_64/')
for module in netty-transport-native-epoll netty-transport-native-io_uring; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version:jar:$platform" -DoutputDirectory="$folder"
done

cat > "$folder/LeftBehind.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.*;
import java.net.*;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

public class LeftBehind {
  static void run(String name, IoHandlerFactory io, Class<? extends ServerChannel> type) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, io);
    var bytes = new AtomicInteger();
    var paused = new CountDownLatch(1);
    var server =
        new ServerBootstrap()
            .group(group)
            .channel(type)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(1024));
                    channel.pipeline().addLast(
                        new ChannelInboundHandlerAdapter() {
                          @Override
                          public void channelRead(ChannelHandlerContext ctx, Object message) {
                            var part = (ByteBuf) message;
                            bytes.addAndGet(part.readableBytes());
                            part.release();
                            ctx.channel().config().setAutoRead(false);
                            paused.countDown();
                          }
                        });
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.getOutputStream().write(new byte[100]);
      paused.await();
      client.getOutputStream().write(new byte[20_000]);
      Thread.sleep(500);
    }
    Thread.sleep(1_500);
    System.out.println(name + ": " + (bytes.get() == 100 ? "nothing" : bytes.get() == 20_100 ? "everything" : bytes.get() + " bytes") + " is read after the pause");
    server.close().sync();
    group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).sync();
  }

  public static void main(String[] arguments) throws Exception {
    run("nio", NioIoHandler.newFactory(), NioServerSocketChannel.class);
    run("epoll", EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    run("io_uring", IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
  }
}
JAVA
seen=$(java --enable-native-access=ALL-UNNAMED -cp "$folder/*" "$folder/LeftBehind.java" 2>/dev/null || java -cp "$folder/*" "$folder/LeftBehind.java" 2>/dev/null)
echo "netty-transport $version, Linux $(uname -r | cut -d. -f1,2):"
echo "$seen"
expected='nio: nothing is read after the pause
epoll: everything is read after the pause
io_uring: everything is read after the pause'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
