#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18, Linux: while channels that have much to read are read, an event loop on epoll reads each that is ready once
# (by "max messages per read"), and then runs its tasks. On io_uring it submits what it was asked for meanwhile, handles
# what is completed, and does so again, up to 128 times, before a task is run: where there is always something to read,
# each channel is read a hundred times between two tasks. Time-outs, closes of HTTP/2 streams and whatever other loops
# hand over wait meanwhile: with 64 KiB a read and some hundred channels that is gigabytes, and seconds.
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

cat > "$folder/Rounds.java" <<'JAVA'
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.uring.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.*;

public class Rounds {
  static final int CHANNELS = 4;
  static int reads, most, runs;
  static final CountDownLatch done = new CountDownLatch(1);

  static void task(EventLoop loop) {
    most = Math.max(most, reads);
    reads = 0;
    if (++runs == 200) done.countDown(); else loop.schedule(() -> task(loop), 0, TimeUnit.NANOSECONDS);
  }

  static void run(String name, IoHandlerFactory io, Class<? extends ServerChannel> type) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, io);
    var ready = new CountDownLatch(CHANNELS);
    var paused = new CopyOnWriteArrayList<Channel>();
    var server = new ServerBootstrap().group(group).channel(type)
        .childOption(ChannelOption.AUTO_READ, false)
        .childHandler(new ChannelInitializer<Channel>() {
          protected void initChannel(Channel channel) {
            channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(1024).maxMessagesPerRead(1));
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ((ByteBuf) message).release();
                reads++;
              }
            });
            paused.add(channel);
            ready.countDown();
          }
        })
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).sync().channel();
    for (int i = 0; i < CHANNELS; i++) {
      var client = new Socket(InetAddress.getLoopbackAddress(), ((InetSocketAddress) server.localAddress()).getPort());
      var sender = new Thread(() -> { try { for (;;) client.getOutputStream().write(new byte[65536]); } catch (Exception e) { } });
      sender.setDaemon(true);
      sender.start();
    }
    ready.await();
    Thread.sleep(1000);
    var loop = group.next();
    loop.execute(() -> { task(loop); paused.forEach(channel -> channel.config().setAutoRead(true)); });
    done.await();
    System.out.println(name + ": at most " + (most <= 2 * CHANNELS ? "two reads" : most > 20 * CHANNELS ? "more than 20 reads" : most / CHANNELS + " reads") + " of each channel between two tasks");
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("epoll")) run("epoll", EpollIoHandler.newFactory(), EpollServerSocketChannel.class);
    else run("io_uring", IoUringIoHandler.newFactory(), IoUringServerSocketChannel.class);
    System.exit(0);
  }
}
JAVA
seen=$(for transport in epoll io_uring; do java -cp "$folder/*" "$folder/Rounds.java" $transport 2>/dev/null; done)
echo "netty $version:"
echo "$seen"
expected='epoll: at most two reads of each channel between two tasks
io_uring: at most more than 20 reads of each channel between two tasks'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
