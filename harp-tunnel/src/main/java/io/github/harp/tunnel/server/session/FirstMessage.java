// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.Message.StartWorkConn;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.v2.WireDetector;
import io.github.harp.tunnel.server.accept.Connection;
import io.github.harp.tunnel.server.work.WorkConnection;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Reset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The first message of a stream says what it is: control, work or visitor. It must come soon. */
final class FirstMessage extends SimpleChannelInboundHandler<Message> {

  /** What frp takes, and a login may have. */
  private static final int MOST_BYTES_OF_LOGIN = 10_240;

  /**
   * What is said on the other streams of a client fits in it, names of services included; it may
   * have some two thousand, none of which it has to end.
   */
  private static final int MOST_BYTES = 4_096;

  private final Connection connection;
  private final Clients server;
  private @Nullable ScheduledFuture<?> deadline;

  private FirstMessage(Connection connection, Clients server) {
    this.connection = connection;
    this.server = server;
  }

  /** Prepares the streams of one connection, which may be a single one. */
  static ChannelHandler initializer(Connection connection, Clients server) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel stream) {
        server.unfinished.watch(stream);
        stream.pipeline().addLast(detector(connection), new FirstMessage(connection, server));
      }
    };
  }

  private static WireDetector detector(Connection connection) {
    return new WireDetector(connection.hasLogin() ? MOST_BYTES : MOST_BYTES_OF_LOGIN);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    deadline =
        connection
            .channel()
            .eventLoop()
            .schedule(
                () -> Reset.of(ctx.channel()),
                server.limits.times().firstMessage().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (message instanceof OpeningMessage opening) {
      opening.when(
          login -> logIn(ctx, login),
          work -> park(ctx, work),
          visitor -> server.visitors.begin(ctx, visitor, connection));
    } else {
      ctx.close();
    }
  }

  private void logIn(ChannelHandlerContext ctx, Login message) {
    if (connection.beginLogin()) {
      server.heldBytes.idle().remove(ctx.channel());
      server.logins.begin(ctx, message, connection);
    } else {
      ctx.close();
    }
  }

  private void park(ChannelHandlerContext ctx, NewWorkConn message) {
    Channel stream = ctx.channel();
    Optional<ClientSession> session = server.sessions.find(message.runId()).filter(this::mayServe);
    if (session.isEmpty()) {
      refuse(stream, "no client is logged in with this run id");
      return;
    }
    connection.known(server.limits.perClient().streams());
    WorkConnection work = new WorkConnection(stream);
    ctx.pipeline().replace(this, null, work);
    boolean wasIdle = server.heldBytes.idle().remove(stream);
    ClientSession client = session.get();
    client
        .loop()
        .execute(
            () -> {
              if (!client.offer(work)) {
                if (wasIdle && stream.isOpen()) {
                  server.heldBytes.idle().add(stream, () -> Reset.of(stream));
                }
                refuse(stream, "work connection pool is full, discarding");
              }
            });
  }

  /**
   * A multiplexed client opens its work connections on the connection that it logged in on, and
   * nowhere else.
   */
  private boolean mayServe(ClientSession session) {
    return session.connection() == connection
        || (!session.connection().carrier().isMultiplexed()
            && !connection.carrier().isMultiplexed());
  }

  private static void refuse(Channel stream, String error) {
    stream
        .writeAndFlush(new StartWorkConn("", "", "", 0, 0, error))
        .addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    ctx.close();
  }
}
