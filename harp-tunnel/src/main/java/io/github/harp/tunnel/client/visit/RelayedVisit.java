// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.visit;

import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.Message.NewVisitorConnResp;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage.NewVisitorConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A user's stream through the server: asks for the service, and carries payload then. */
final class RelayedVisit extends SimpleChannelInboundHandler<Message> {

  private static final String PAYLOAD = "payload";
  private static final long ANSWER_SECONDS = 10;

  private final TunnelVisitor visitor;
  private final String runId;
  private final long now;
  private final Channel user;
  private final Consumer<String> failed;
  private @Nullable ScheduledFuture<?> timer;

  /**
   * @param failed told why there will be no payload; the stream is closed then
   */
  RelayedVisit(
      TunnelVisitor visitor, String runId, long now, Channel user, Consumer<String> failed) {
    this.visitor = visitor;
    this.runId = runId;
    this.now = now;
    this.user = user;
    this.failed = failed;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(
        new NewVisitorConn(
            runId,
            visitor.service(),
            PrivilegeKey.of(visitor.secret(), now),
            now,
            visitor.encrypted(),
            visitor.compressed()));
    timer =
        ctx.executor()
            .schedule(
                () -> fail(ctx, "the server does not answer"), ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (!(message instanceof NewVisitorConnResp answer)) {
      fail(ctx, "the server answers with " + message);
    } else if (!answer.error().isEmpty()) {
      fail(ctx, "the server says no: " + answer.error());
    } else {
      begin(ctx);
    }
  }

  private void begin(ChannelHandlerContext ctx) {
    Channel stream = ctx.channel();
    var codec = ctx.pipeline().get(MessageCodec.class);
    var end = new Relay();
    stream.config().setAutoRead(false);
    ctx.pipeline().replace(this, PAYLOAD, end);
    new PayloadWrapping(visitor.encrypted(), visitor.compressed(), visitor.secret())
        .addBefore(stream.pipeline(), PAYLOAD);
    codec.handOver();
    end.join(user);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, "the server closed the stream");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    fail(ctx, String.valueOf(cause.getMessage()));
  }

  private void fail(ChannelHandlerContext ctx, String reason) {
    ctx.pipeline().remove(this);
    ctx.close();
    failed.accept(reason);
  }
}
