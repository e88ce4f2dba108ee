#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18: on epoll a listener accepts one connection for each round of its event loop, whatever waits in the backlog
# and whatever its "max messages per read" is (16 by default). Its allocator stops unless there may be more data, which
# epoll tells by comparing the bytes of the last read with the bytes that were asked for: for a listener that is the new
# socket's number against 1. NIO accepts up to the maximum, as documented. Where loops also do other work and a round
# takes 20 ms, newcomers behind 500 others wait for ten seconds. RecvByteBufAllocator with respectMaybeMoreData(false)
# makes epoll go on until nobody waits.
#
# Needs Maven, a JDK (17 or newer) and Linux on x86-64. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver netty-transport-native-unix-common netty-transport-classes-epoll; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done
mvn -q -B dependency:copy -Dartifact="io.netty:netty-transport-native-epoll:$version:jar:linux-x86_64" -DoutputDirectory="$folder"

cat > "$folder/Accepts.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;

public class Accepts {
  static final AtomicInteger accepted = new AtomicInteger();
  static final Set<Integer> seen = new ConcurrentSkipListSet<>();
  static final CountDownLatch all = new CountDownLatch(1);

  // A scheduled task runs once a round.
  static void note(EventLoop loop) {
    seen.add(accepted.get());
    if (accepted.get() == 64) all.countDown(); else loop.schedule(() -> note(loop), 0, TimeUnit.NANOSECONDS);
  }

  public static void main(String[] arguments) throws Exception {
    boolean epoll = arguments[0].equals("epoll");
    var group = new MultiThreadIoEventLoopGroup(1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    var bootstrap = new ServerBootstrap().group(group)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 100)
        .childHandler(new ChannelInitializer<>() {
          protected void initChannel(Channel channel) { accepted.incrementAndGet(); }
        });
    if (arguments.length > 1) {
      bootstrap.option(ChannelOption.RCVBUF_ALLOCATOR,
          new ServerChannelRecvByteBufAllocator()
              .respectMaybeMoreData(Boolean.parseBoolean(arguments[1].split("=")[1]))
              .maxMessagesPerRead(16));
    }
    var address = (InetSocketAddress) bootstrap.bind(InetAddress.getLoopbackAddress(), 0).sync().channel().localAddress();
    var free = new CountDownLatch(1);
    var loop = group.next();
    loop.execute(() -> { try { free.await(); } catch (InterruptedException e) { } });
    var clients = new ArrayList<Socket>();
    for (int i = 0; i < 64; i++) clients.add(new Socket(address.getAddress(), address.getPort()));
    note(loop);
    free.countDown();
    all.await();
    int most = 0, last = 0;
    for (int now : seen) { most = Math.max(most, now - last); last = now; }
    System.out.println(String.join(" ", arguments) + ": 64 waiting, up to " + most + " accepted in a round");
    System.exit(0);
  }
}
JAVA
seen=$(for how in "nio" "epoll" "epoll respectMaybeMoreData=true" "epoll respectMaybeMoreData=false"; do
  # shellcheck disable=SC2086
  java -cp "$folder/*" "$folder/Accepts.java" $how 2>/dev/null
done)
echo "netty-transport-classes-epoll $version:"
echo "$seen"
expected='nio: 64 waiting, up to 16 accepted in a round
epoll: 64 waiting, up to 1 accepted in a round
epoll respectMaybeMoreData=true: 64 waiting, up to 1 accepted in a round
epoll respectMaybeMoreData=false: 64 waiting, up to 16 accepted in a round'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
