#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: an event loop whose tasks hand on to further tasks does not look at its sockets for a second; each time.
# Netty 4.1 gave tasks as long as sockets had taken (ioRatio 50), some microseconds here. 4.2 has no such ratio: tasks run
# for up to io.netty.eventLoop.maxTaskProcessingQuantumMs, 1000 by default, and less than 100 is taken for 100. Work that
# other loops hand over is tasks: with a thousand connections on several loops that write through one connection of
# another, that one is written, but for a second not read, though its bytes are there. A subclass of
# SingleThreadIoEventLoop can give a shorter time: in a constructor's argument, or by overriding runAllTasks(long).
#
# Needs Maven and a JDK (17 or newer). Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/Tasks.java" <<'JAVA'
import io.netty.bootstrap.*;
import io.netty.buffer.Unpooled;
import io.netty.channel.*;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.*;
import java.net.InetAddress;
import java.util.concurrent.CountDownLatch;

public class Tasks {
  static EventLoopGroup group = new NioEventLoopGroup(1);
  static CountDownLatch rounds = new CountDownLatch(4);
  static long last, longest;

  static void task() {
    for (long end = System.nanoTime() + 100_000; System.nanoTime() < end; ) { }
    group.execute(Tasks::task);
  }

  static void send(Channel channel) { channel.writeAndFlush(Unpooled.buffer().writeByte(1)); }

  // Two sockets of the loop answer each other: how long does it take until the next is read?
  @ChannelHandler.Sharable
  static class Peer extends ChannelInboundHandlerAdapter {
    public void channelRead(ChannelHandlerContext context, Object message) {
      long now = System.nanoTime();
      if (last != 0) longest = Math.max(longest, (now - last) / 1_000_000);
      last = now;
      rounds.countDown();
      send(context.channel());
    }
  }

  public static void main(String[] arguments) throws Exception {
    var peer = new Peer();
    var server = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class).childHandler(peer)
        .bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
    var client = new Bootstrap().group(group).channel(NioSocketChannel.class).handler(peer)
        .connect(server.localAddress()).sync().channel();
    group.execute(Tasks::task);
    group.execute(() -> send(client));
    rounds.await();
    System.out.println(longest < 90 ? "less than 90 ms" : longest < 900 ? "90 to 900 ms" : "more than 900 ms");
    System.exit(0);
  }
}
JAVA
seen=$(for version in 4.1.128.Final 4.2.18.Final; do
  for module in netty-common netty-buffer netty-transport netty-resolver; do
    mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder/$version" >&2
  done
  for quantum in 1000 10; do
    echo "$version, at most $quantum ms of tasks: a socket waits $(java -Dio.netty.eventLoop.maxTaskProcessingQuantumMs=$quantum -cp "$folder/$version/*" "$folder/Tasks.java" 2>/dev/null)"
  done
done)
echo "$seen"
expected='4.1.128.Final, at most 1000 ms of tasks: a socket waits less than 90 ms
4.1.128.Final, at most 10 ms of tasks: a socket waits less than 90 ms
4.2.18.Final, at most 1000 ms of tasks: a socket waits more than 900 ms
4.2.18.Final, at most 10 ms of tasks: a socket waits 90 to 900 ms'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
