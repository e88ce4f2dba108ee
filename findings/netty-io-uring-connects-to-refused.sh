#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Netty 4.2.18, Linux 6.18: where a firewall refuses a TCP connection by an ICMP message (nftables' and iptables' plain
# `reject`, kube-proxy for a Service without pods), NIO and epoll fail the connect. With io_uring it succeeds at once, and
# the channel is active: the socket has not been connected (getpeername says so), and it fails about a second later, at
# a read. Whoever tries another address or tries again when a connect fails does so with two transports of three.
#
# Needs root and nftables, Maven, a JDK (17 or newer) and a kernel with io_uring. It adds a table of its own to the packet
# filter and takes it away again. Exit code 0: behaves as described; 1: it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"; nft delete table inet harp_finding 2> /dev/null || true' EXIT
version=4.2.18.Final

for module in netty-common netty-buffer netty-transport netty-resolver netty-transport-native-unix-common netty-transport-classes-epoll netty-transport-classes-io_uring; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version" -DoutputDirectory="$folder"
done
platform=linux-$(uname -m | sed 's/aarch64/aarch_64/')
for module in netty-transport-native-epoll netty-transport-native-io_uring; do
  mvn -q -B dependency:copy -Dartifact="io.netty:$module:$version:jar:$platform" -DoutputDirectory="$folder"
done
nft add table inet harp_finding
nft add chain inet harp_finding out '{ type filter hook output priority 0; }'
nft add rule inet harp_finding out ip daddr 127.0.0.1 tcp dport 45999 reject with icmp port-unreachable

cat > "$folder/Refused.java" <<'JAVA'
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.*;
import io.netty.channel.epoll.*;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.*;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

public class Refused {
  static void run(String name, IoHandlerFactory io, Class<? extends Channel> type) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, io);
    var connect =
        new Bootstrap().group(group).channel(type).option(ChannelOption.AUTO_READ, false)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(new InetSocketAddress("127.0.0.1", 45999)).awaitUninterruptibly();
    System.out.println(
        name + ": " + (connect.isSuccess() ? "connected" : "refused")
            + (connect.channel() instanceof UnixChannel channel && connect.isSuccess()
                    && new Socket(channel.fd().intValue()).remoteAddress() == null
                ? ", to nobody" : ""));
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  public static void main(String[] arguments) throws Exception {
    run("nio", NioIoHandler.newFactory(), NioSocketChannel.class);
    run("epoll", EpollIoHandler.newFactory(), EpollSocketChannel.class);
    run("io_uring", IoUringIoHandler.newFactory(), IoUringSocketChannel.class);
  }
}
JAVA
seen=$(java --enable-native-access=ALL-UNNAMED -cp "$folder/*" "$folder/Refused.java" 2>/dev/null || java -cp "$folder/*" "$folder/Refused.java" 2>/dev/null)
echo "netty-transport $version, Linux $(uname -r | cut -d. -f1,2):"
echo "$seen"
expected='nio: refused
epoll: refused
io_uring: connected, to nobody'
[ "$seen" = "$expected" ] || { echo "changed; expected:"; echo "$expected"; exit 1; }
