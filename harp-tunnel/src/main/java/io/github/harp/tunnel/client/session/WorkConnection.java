// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.stream.PayloadWrapping;
import io.github.harp.tunnel.stream.FatalErrors;
import io.github.harp.tunnel.stream.Relay;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that the server may use for one user: presents itself, waits as long as it takes for
 * {@code StartWorkConn}, and then carries payload between the server and the target of the proxy
 * that the message names.
 */
final class WorkConnection extends SimpleChannelInboundHandler<Message> {

  private static final Logger LOG = LoggerFactory.getLogger(WorkConnection.class);

  /** Where the payload layers go and the payload's handler follows. */
  private static final String PAYLOAD = "payload";

  /** Nothing is read from the target before it is joined to the stream. */
  private static final ChannelInitializer<Channel> PAUSED =
      new ChannelInitializer<>() {
        @Override
        protected void initChannel(Channel channel) {
          channel.config().setAutoRead(false);
        }
      };

  private final String runId;
  private final String frpToken;
  private final ProxyOffers offers;
  private final Connector connector;

  WorkConnection(String runId, String frpToken, ProxyOffers offers, Connector connector) {
    this.runId = runId;
    this.frpToken = frpToken;
    this.offers = offers;
    this.connector = connector;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(OpeningMessage.NewWorkConn.of(runId));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Message message) {
    if (!(message instanceof Message.StartWorkConn start)) {
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
    begin(ctx, start, offer);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    FatalErrors.look(ctx.channel(), cause);
    LOG.debug("work connection failed: {}", FailureNote.describe(cause));
    ctx.close();
  }

  private void begin(
      ChannelHandlerContext ctx, Message.StartWorkConn start, ProxyOffers.Offer offer) {
    LOG.debug("proxy {}: user {}:{}", offer.name(), start.srcAddr(), start.srcPort());
    offer.userArrived();
    ctx.channel().closeFuture().addListener(closed -> offer.userLeft());
    var target = offer.proxy().target();
    var wrapping =
        new PayloadWrapping(offer.proxy().encrypted(), offer.proxy().compressed(), frpToken);
    target.when(
        tcp -> relay(ctx, offer, wrapping, connector.tcp(tcp.host(), tcp.port(), PAUSED)),
        unix -> relay(ctx, offer, wrapping, connector.unix(unix.path(), PAUSED)));
  }

  private void relay(
      ChannelHandlerContext ctx,
      ProxyOffers.Offer offer,
      PayloadWrapping wrapping,
      Future<Channel> target) {
    Channel stream = ctx.channel();
    var codec = ctx.pipeline().get(MessageCodec.class);
    var streamEnd = new Relay();
    stream.config().setAutoRead(false);
    ctx.pipeline().replace(this, PAYLOAD, streamEnd);
    wrapping.addBefore(stream.pipeline(), PAYLOAD);
    codec.handOver();
    target.addListener(
        (Future<Channel> connected) -> {
          if (connected.isSuccess()) {
            streamEnd.join(connected.getNow());
          } else {
            offer.targetFailed(connected.cause());
            stream.close();
          }
        });
  }
}
