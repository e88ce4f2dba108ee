// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.github.harp.tunnel.frp.NatHoleDatagrams;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens a way to a peer that does the same: sends datagrams where the server says that the peer may
 * be, and waits for one of the peer's. Whoever shows with one that it knows the proxy's secret and
 * this introduction is the peer. On one event loop.
 *
 * <p>A socket's TTL can be set on Linux only; elsewhere the datagrams go all the way, which some
 * NATs answer by closing the way again.
 *
 * @see <a href="https://github.com/fatedier/frp/blob/v0.61.1/pkg/nathole/nathole.go">frp v0.61.1,
 *     pkg/nathole/nathole.go</a>
 */
final class HolePunch {

  private static final int USUAL_TTL = 64;
  private static final int LOWEST_GUESS = 1_024;
  private static final int HIGHEST_GUESS = 65_534;
  private static final int PADDING = 20;

  /** Unlike frpc's: what is sent once only is lost at times. */
  private static final long AGAIN_MILLIS = 400;

  private static final long NEIGHBOUR_MILLIS = 2;
  private static final long GUESS_MILLIS = 15;

  private final Instructions todo;
  private final NatHoleDatagrams datagrams;
  private final String transaction;
  private final Supplier<ChannelFuture> moreSockets;
  private final EventLoop loop;
  private final Channel first;
  private final List<Channel> sockets = new ArrayList<>();
  private final List<ScheduledFuture<?>> timers = new ArrayList<>();
  private final Queue<Runnable> neighbours = new ArrayDeque<>();
  private final CompletableFuture<Hole> found = new CompletableFuture<>();
  private int guessesLeft;

  /**
   * @param socket what both were told of
   * @param moreSockets binds one more
   */
  HolePunch(
      Channel socket,
      Instructions todo,
      String secret,
      String transaction,
      Supplier<ChannelFuture> moreSockets) {
    this.first = socket;
    this.loop = socket.eventLoop();
    this.todo = todo;
    this.datagrams = new NatHoleDatagrams(secret);
    this.transaction = transaction;
    this.moreSockets = moreSockets;
    this.guessesLeft = todo.guesses();
  }

  /** Fails with {@link TunnelException} if there is no way; all sockets are closed then. */
  CompletableFuture<Hole> start() {
    var ended = found.whenComplete((hole, failure) -> end(hole));
    first
        .closeFuture()
        .addListener(
            closed ->
                found.completeExceptionally(
                    new TunnelException(Code.CLOSED, "the socket was closed")));
    use(first);
    after(todo.delayMillis(), this::begin);
    return ended;
  }

  private void after(long millis, Runnable task) {
    timers.add(loop.schedule(task, millis, TimeUnit.MILLISECONDS));
  }

  private void every(long millis, Runnable task) {
    timers.add(loop.scheduleAtFixedRate(task, 0, millis, TimeUnit.MILLISECONDS));
  }

  private void use(Channel socket) {
    sockets.add(socket);
    socket.pipeline().addLast(new Arrivals());
  }

  private void begin() {
    var ports = todo.neighbours().size() * (1L + todo.sockets());
    after(todo.patienceMillis() + ports * NEIGHBOUR_MILLIS, this::giveUp);
    for (var i = 0; i < todo.sockets(); i++) {
      moreSockets
          .get()
          .addListener(
              (ChannelFuture bound) -> {
                if (!bound.isSuccess()) {
                  return;
                }
                if (found.isDone()) {
                  bound.channel().close();
                } else {
                  use(bound.channel());
                  knockAtAll(bound.channel());
                }
              });
    }
    knockAtNeighbours(first);
    every(AGAIN_MILLIS, () -> todo.targets().forEach(target -> knock(first, target)));
    every(NEIGHBOUR_MILLIS, this::knockAtNext);
    if (guessesLeft > 0) {
      every(GUESS_MILLIS, this::guess);
    }
  }

  private void giveUp() {
    found.completeExceptionally(
        new TunnelException(
            Code.TIMEOUT,
            "no datagram came through from the peer at "
                + todo.hosts()
                + "; a NAT or a firewall on the way lets none in"));
  }

  // ---- what is sent

  private void knockAtAll(Channel socket) {
    todo.targets().forEach(target -> knock(socket, target));
    knockAtNeighbours(socket);
  }

  private void knockAtNeighbours(Channel socket) {
    todo.neighbours().forEach(target -> neighbours.add(() -> knock(socket, target)));
  }

  private void knockAtNext() {
    var next = neighbours.poll();
    if (next != null) {
      next.run();
    }
  }

  private void guess() {
    if (guessesLeft-- > 0) {
      var port = ThreadLocalRandom.current().nextInt(LOWEST_GUESS, HIGHEST_GUESS + 1);
      for (InetAddress host : todo.hosts()) {
        knock(first, new InetSocketAddress(host, port));
      }
    }
  }

  private void knock(Channel socket, InetSocketAddress target) {
    var nonce = "0".repeat(ThreadLocalRandom.current().nextInt(PADDING));
    var question = datagrams.write(new NatHoleSid(transaction, todo.sid(), false, nonce));
    if (todo.ttl() > 0) {
      socket.config().setOption(ChannelOption.IP_MULTICAST_TTL, todo.ttl());
    }
    socket.writeAndFlush(new DatagramPacket(question, target));
    if (todo.ttl() > 0) {
      socket.config().setOption(ChannelOption.IP_MULTICAST_TTL, USUAL_TTL);
    }
  }

  // ---- what comes

  private final class Arrivals extends SimpleChannelInboundHandler<DatagramPacket> {

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      var said = read(packet.content());
      if (said == null || found.isDone()) {
        return;
      }
      if (said.response()) {
        // An answer names the question.
        if (said.transactionId().equals(transaction)) {
          found.complete(new Hole(ctx.channel(), packet.sender()));
        }
      } else if (!todo.sends()) {
        answer(ctx.channel(), packet, said);
        found.complete(new Hole(ctx.channel(), packet.sender()));
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
    }
  }

  private @Nullable NatHoleSid read(ByteBuf content) {
    return datagrams.read(content).filter(said -> said.sid().equals(todo.sid())).orElse(null);
  }

  private void answer(Channel socket, DatagramPacket question, NatHoleSid said) {
    var answer = new NatHoleSid(said.transactionId(), said.sid(), true, said.nonce());
    socket.writeAndFlush(new DatagramPacket(datagrams.write(answer), question.sender()));
  }

  private boolean answersAgain(Channel socket, DatagramPacket packet) {
    var said = read(packet.content());
    if (said == null) {
      return false;
    }
    if (!said.response() && !todo.sends()) {
      answer(socket, packet, said);
    }
    return true;
  }

  private void end(@Nullable Hole hole) {
    timers.forEach(timer -> timer.cancel(false));
    neighbours.clear();
    for (var socket : sockets) {
      if (hole == null || socket != hole.socket()) {
        socket.close();
      }
    }
    if (hole != null) {
      var socket = hole.socket();
      socket.pipeline().remove(Arrivals.class);
      socket.pipeline().addLast(new HoleGuard(hole.peer(), packet -> answersAgain(socket, packet)));
    }
  }
}
