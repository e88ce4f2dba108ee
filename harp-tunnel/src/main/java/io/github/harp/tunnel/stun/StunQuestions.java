// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stun;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a STUN server from one socket how the outside sees that, and then once more where the server
 * says: two answers show what a NAT does. Only what answers the question, from where it was asked,
 * counts. On the event loop of the socket.
 */
public final class StunQuestions extends SimpleChannelInboundHandler<DatagramPacket> {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ANSWERS = 2;

  /** A datagram may be lost. */
  private static final int TRIES = 5;

  private static final long AGAIN_MILLIS = 600;

  private final Channel socket;
  private final CompletableFuture<List<InetSocketAddress>> done = new CompletableFuture<>();
  private final List<InetSocketAddress> seen = new ArrayList<>(ANSWERS);
  private InetSocketAddress server;
  private byte[] transaction = new byte[0];
  private int tries;
  private @Nullable ScheduledFuture<?> again;

  private StunQuestions(Channel socket, InetSocketAddress server) {
    this.socket = socket;
    this.server = server;
  }

  /**
   * The two addresses that the socket is seen at, which are the same behind a decent NAT. Fails
   * with {@link TunnelException} if nobody answers within three seconds each.
   */
  public static CompletableFuture<List<InetSocketAddress>> ask(
      Channel socket, InetSocketAddress server) {
    var questions = new StunQuestions(socket, server);
    socket.pipeline().addLast(questions);
    questions.ask();
    return questions.done;
  }

  private void ask() {
    tries = 0;
    transaction = new byte[StunMessage.TRANSACTION];
    RANDOM.nextBytes(transaction);
    send();
  }

  private void send() {
    if (tries++ == TRIES) {
      end(
          new TunnelException(
              Code.TIMEOUT,
              "no answer from the STUN server "
                  + NetUtil.toSocketAddressString(server)
                  + "; expected one at natHoleStunServer"));
      return;
    }
    again = socket.eventLoop().schedule(this::send, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    var question = StunMessage.question(socket.alloc(), transaction);
    socket.writeAndFlush(new DatagramPacket(question, server));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    ByteBuf content = packet.content();
    if (!packet.sender().equals(server) || !StunMessage.isAnswer(content, transaction)) {
      return;
    }
    if (again != null) {
      again.cancel(false);
    }
    var mapped = StunMessage.mapped(content);
    var other = StunMessage.other(content);
    mapped.ifPresent(seen::add);
    if (mapped.isEmpty() || (seen.size() < ANSWERS && other.isEmpty())) {
      end(
          new TunnelException(
              Code.PROTOCOL_VIOLATION,
              "the STUN server "
                  + NetUtil.toSocketAddressString(server)
                  + " answers without "
                  + (mapped.isEmpty() ? "our address" : "a second address to ask at (RFC 5780)")));
    } else if (seen.size() == ANSWERS) {
      end(null);
    } else {
      server = other.get();
      ask();
    }
  }

  private void end(@Nullable TunnelException failure) {
    socket.pipeline().remove(this);
    if (failure == null) {
      done.complete(List.copyOf(seen));
    } else {
      done.completeExceptionally(failure);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (again != null) {
      again.cancel(false);
    }
    done.completeExceptionally(new TunnelException(Code.CLOSED, "the socket was closed"));
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
  }
}
