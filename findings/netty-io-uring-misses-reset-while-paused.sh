#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18, Linux 6.18: a channel that is paused (autoRead=false) while its peer has more to send, and whose peer then
# resets the connection: epoll makes it inactive at once. With io_uring it stays open and active for as long as it is
# paused, though the kernel has closed the socket (TCP state 7 by getsockopt TCP_INFO): memory and places in limits that
# are given back when a channel becomes inactive are kept. NIO hears nothing either, which is known of it.
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

cat > "$folder/Resets.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.*;
import java.net.*;
import java.util.concurrent.*;

public class Resets {
  static void run(String name, IoHandlerFactory io, Class<? extends ServerChannel> type) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, io);
    var paused = new LinkedBlockingQueue<Channel>();
    var server =
        new ServerBootstrap().group(group).channel(type)
            .childHandler(new ChannelInitializer<Channel>() {
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ((ByteBuf) message).release();
                    ctx.channel().config().setAutoRead(false);
                    paused.add(ctx.channel());
                  }
                  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) { }
                });
              }
            })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
    Channel channel;
    try (var client = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort())) {
      client.getOutputStream().write(new byte[100]);
      channel = paused.take();
      client.getOutputStream().write(new byte[200_000]);
      Thread.sleep(500);
      client.setSoLinger(true, 0);
    }
    boolean gone = channel.closeFuture().await(10, TimeUnit.SECONDS);
    var state = channel instanceof IoUringSocketChannel ring ? ", TCP state " + ring.tcpInfo().state() : "";
    System.out.println(name + ": 10 s after the reset it is " + (gone ? "closed" : channel.isActive() ? "active" + state : "open"));
    server.close().sync();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  public static void main(String[] arguments) throws Exception {
    run("nio", NioIoHandler.newFactory(), NioServerSocketChannel.class);
    run("epoll", EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    run("io_uring", IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/Resets.java" 2>/dev/null)
echo "netty $version:"
echo "$seen"
expected='nio: 10 s after the reset it is active
epoll: 10 s after the reset it is closed
io_uring: 10 s after the reset it is active, TCP state 7'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
