// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.server.accept.Subscriber;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.FloodGuard;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers STUN's Binding requests on two UDP ports, so that frp's clients find out what their NAT
 * does by asking twice. Nothing else of STUN is spoken, and whatever else comes is dropped.
 *
 * <p>An answer is 24 bytes longer than its question (48 with IPv6), so each address gets 20 at once
 * and 5 a second (IPv6: each /64), all together 2,000 a second: who forges the address of somebody
 * else reaches him with less than 400 bytes a second. It has a thread of its own, so that a flood
 * keeps nobody else waiting. Thread-safe.
 */
public final class StunServer implements AutoCloseable {

  private static final SocketKind TRANSPORT = SocketKind.best();
  private static final int BURST = 20;
  private static final int PER_SECOND = 5;
  private static final int BURST_OF_ALL = 4_000;
  private static final int PER_SECOND_OF_ALL = 2_000;
  private static final int MAX_ADDRESSES = 10_000;

  private final InetSocketAddress address;
  private final InetAddress seenAs;
  private final EventLoopGroup loops;
  private final EventLoop loop;
  private final FloodGuard ofAll;
  private final Map<Subscriber, FloodGuard> ofEach =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subscriber, FloodGuard> eldest) {
          return size() > MAX_ADDRESSES;
        }
      };

  private @Nullable Channel first;
  private @Nullable Channel second;

  /**
   * A server that does not listen yet.
   *
   * @param address where to listen; the second port is the one behind it, or any other if it is 0
   * @param seenAs the IP address that clients can ask the second question at
   */
  public StunServer(InetSocketAddress address, InetAddress seenAs) {
    this.address = address;
    this.seenAs = seenAs;
    loops = TRANSPORT.newLoops(1, "stun");
    loop = loops.next();
    ofAll = new FloodGuard(BURST_OF_ALL, PER_SECOND_OF_ALL, loop.ticker().nanoTime());
  }

  /** Listens; gives the address of the first port. */
  public Future<InetSocketAddress> start() {
    Promise<InetSocketAddress> started = loop.newPromise();
    bind(address)
        .addListener(
            (ChannelFuture one) -> {
              if (!one.isSuccess()) {
                started.setFailure(one.cause());
                return;
              }
              first = one.channel();
              var next = address.getPort() == 0 ? 0 : address.getPort() + 1;
              bind(new InetSocketAddress(address.getAddress(), next))
                  .addListener((ChannelFuture two) -> bound(two, started));
            });
    return started;
  }

  private ChannelFuture bind(InetSocketAddress to) {
    return new Bootstrap()
        .group(loop)
        .channel(TRANSPORT.udpChannel())
        .handler(new Questions())
        .bind(to);
  }

  private void bound(ChannelFuture two, Promise<InetSocketAddress> started) {
    if (two.isSuccess()) {
      second = two.channel();
      started.setSuccess(localAddress(first).orElseThrow());
    } else {
      close();
      started.setFailure(two.cause());
    }
  }

  private static Optional<InetSocketAddress> localAddress(@Nullable Channel channel) {
    return Optional.ofNullable(channel).map(open -> (InetSocketAddress) open.localAddress());
  }

  /** Ends both ports, which do not wait for anything. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private boolean mayAsk(InetAddress from) {
    var now = loop.ticker().nanoTime();
    return ofEach
            .computeIfAbsent(Subscriber.of(from), anybody -> new FloodGuard(BURST, PER_SECOND, now))
            .allow(now)
        && ofAll.allow(now);
  }

  /** What comes on one of the ports. */
  private final class Questions extends SimpleChannelInboundHandler<DatagramPacket> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket question) {
      var from = question.sender();
      var other = localAddress(ctx.channel() == first ? second : first);
      if (other.isEmpty()
          || from.getPort() == 0
          || !StunMessage.isBindingRequest(question.content())
          || !mayAsk(from.getAddress())) {
        return;
      }
      var again = new InetSocketAddress(seenAs, other.get().getPort());
      var answer = StunMessage.answer(ctx.alloc(), question.content(), from, again);
      ctx.writeAndFlush(new DatagramPacket(answer, from));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
    }
  }
}
