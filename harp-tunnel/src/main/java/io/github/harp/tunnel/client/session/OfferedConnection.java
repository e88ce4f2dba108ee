// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.client.dial.Connector;
import io.github.harp.tunnel.client.dial.FailureNote;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.stream.ErrorAlarm;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that the server may use for one user: presents itself, waits as long as it takes for
 * {@code StartWorkConn}, and then carries payload between the server and the target of the proxy
 * that the message names.
 */
final class OfferedConnection extends SimpleChannelInboundHandler<Message> {

  private static final Logger LOG = LoggerFactory.getLogger(OfferedConnection.class);
  private static final long ANNOUNCED_SECONDS = 10;

  private final String runId;
  private final String frpToken;
  private final ProxyOffers offers;
  private final Connector connector;
  private final BiConsumer<ProxyOffers.Offer, String> announcements;
  private ProxyOffers.@Nullable Offer announced;

  /**
   * @param announcements of visitors who come straight: the offer, and the introduction's id
   */
  OfferedConnection(
      String runId,
      String frpToken,
      ProxyOffers offers,
      Connector connector,
      BiConsumer<ProxyOffers.Offer, String> announcements) {
    this.runId = runId;
    this.frpToken = frpToken;
    this.offers = offers;
    this.connector = connector;
    this.announcements = announcements;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(OpeningMessage.NewWorkConn.of(runId));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (announced != null && message instanceof Message.NatHoleSid visitor) {
      ctx.close();
      announcements.accept(announced, visitor.sid());
      return;
    }
    if (announced != null || !(message instanceof Message.StartWorkConn start)) {
      LOG.warn("the server sent {} on a work connection; expected StartWorkConn: closed", message);
      ctx.close();
      return;
    }
    if (!start.error().isEmpty()) {
      LOG.debug("the server does not need a work connection: {}", start.error());
      ctx.close();
      return;
    }
    var offer = offers.find(start.proxyName());
    if (offer == null) {
      LOG.warn(
          "the server sent a user to proxy {}, which is not offered: closed", start.proxyName());
      ctx.close();
      return;
    }
    if (offer.isStraight()) {
      awaitAnnouncement(ctx, offer);
    } else {
      begin(ctx, start, offer);
    }
  }

  /** Of a visitor who comes straight; nothing else follows here. */
  private void awaitAnnouncement(ChannelHandlerContext ctx, ProxyOffers.Offer offer) {
    announced = offer;
    var timer = ctx.executor().schedule(() -> ctx.close(), ANNOUNCED_SECONDS, TimeUnit.SECONDS);
    ctx.channel().closeFuture().addListener(closed -> timer.cancel(false));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    LOG.debug("work connection failed: {}", FailureNote.describe(cause));
    ctx.close();
  }

  private void begin(
      ChannelHandlerContext ctx, Message.StartWorkConn start, ProxyOffers.Offer offer) {
    LOG.debug("proxy {}: user {}:{}", offer.name(), start.srcAddr(), start.srcPort());
    var end = new Relay();
    var codec = ctx.pipeline().get(MessageCodec.class);
    ctx.channel().config().setAutoRead(false);
    ctx.pipeline().replace(this, UserStream.PAYLOAD, end);
    UserStream.join(ctx.channel(), end, offer, frpToken, connector, codec::handOver);
  }
}
