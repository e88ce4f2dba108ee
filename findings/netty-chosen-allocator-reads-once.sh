#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: a TCP channel reads up to 16 times before it says that it has read (channelReadComplete). Once somebody sets a
# RecvByteBufAllocator, be it a new one of the very class that was there, it reads once: the 16 are given to the first allocator only, when
# the channel is made. So an option that is set for the size of reads changes how many system calls, and how many turns of the
# event loop, a large body takes. maxMessagesPerRead(16) of the new one brings them back.
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done

cat > "$folder/Once.java" <<'JAVA'
import io.netty.bootstrap.*;
import io.netty.buffer.*;
import io.netty.channel.*;
import io.netty.channel.nio.*;
import io.netty.channel.socket.nio.*;
import java.net.*;
import java.util.concurrent.*;

public class Once {
  static int most(RecvByteBufAllocator chosen) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var result = new CompletableFuture<Integer>();
    var accepted = new CompletableFuture<Channel>();
    var bootstrap = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(new ChannelInitializer<Channel>() {
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
              int total, reads, most;
              public void channelRead(ChannelHandlerContext context, Object message) {
                total += ((ByteBuf) message).readableBytes();
                ((ByteBuf) message).release();
                reads++;
              }
              public void channelReadComplete(ChannelHandlerContext context) {
                most = Math.max(most, reads);
                reads = 0;
                if (total == 60_000) result.complete(most);
              }
            });
            accepted.complete(channel);
          }
        });
    if (chosen != null) bootstrap.childOption(ChannelOption.RCVBUF_ALLOCATOR, chosen);
    var server = bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
    try (var client = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort())) {
      client.getOutputStream().write(new byte[60_000]);
      Thread.sleep(300);
      accepted.get().config().setAutoRead(true);
      return result.get(10, TimeUnit.SECONDS);
    } finally {
      group.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
  }

  public static void main(String[] arguments) throws Exception {
    System.out.println("nobody sets one: " + (most(null) > 1 ? "several reads" : "one read"));
    System.out.println("a new one of the same class: " + (most(new AdaptiveRecvByteBufAllocator()) > 1 ? "several reads" : "one read"));
    System.out.println("with maxMessagesPerRead(16): " + (most(new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(16)) > 1 ? "several reads" : "one read"));
  }
}
JAVA
seen=$(java -cp "$folder/*" "$folder/Once.java" 2>/dev/null)
echo "netty $version, 60 kB that are there, before the channel says that it has read:"
echo "$seen"
expected='nobody sets one: several reads
a new one of the same class: one read
with maxMessagesPerRead(16): several reads'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
