#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18, Linux: a client sends its request and ends its side of the connection (shutdownOutput), as `nc -N` does;
# the server allows half-closure and answers with more than the kernel takes at once. With NIO and
# io_uring the client gets all. With epoll it gets what the kernel took, a few megabytes, and a clean end: no interest in
# events is left when the client's end has been read, so the channel is taken out of epoll; when it then wants to know when it
# can write on, it can't be put in again ("Channel output shutdown").
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

cat > "$folder/HalfClosed.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.*;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.*;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.*;
import java.io.IOException;
import java.net.*;
import java.util.concurrent.*;

public class HalfClosed {
  static final int LENGTH = 50_000_000;

  static void run(String name, IoHandlerFactory io, Class<? extends ServerChannel> type) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, io);
    var outcome = new CompletableFuture<String>();
    var server =
        new ServerBootstrap().group(group).channel(type)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new ChannelInitializer<Channel>() {
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ((ByteBuf) message).release();
                  }
                  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                      ctx.executor().schedule(() -> answer(ctx), 300, TimeUnit.MILLISECONDS);
                    }
                  }
                  void answer(ChannelHandlerContext ctx) {
                    ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[LENGTH])).addListener(done -> {
                      outcome.complete(done.isSuccess() ? "sent" : done.cause().getMessage());
                      ctx.close();
                    });
                  }
                });
              }
            })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    long got = 0;
    try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.getOutputStream().write(new byte[100]);
      client.shutdownOutput();
      // So that the kernel's buffers are full before anything is read.
      Thread.sleep(2000);
      got = client.getInputStream().readAllBytes().length;
    } catch (IOException e) {
      name += " (" + e.getMessage() + ")";
    }
    System.out.println(name + ": the client got " + (got == LENGTH ? "all" : "a part") + "; " + outcome.getNow("pending"));
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
seen=$(java -cp "$folder/*" "$folder/HalfClosed.java" 2>/dev/null)
echo "netty $version:"
echo "$seen"
expected='nio: the client got all; sent
epoll: the client got a part; Channel output shutdown
io_uring: the client got all; sent'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
