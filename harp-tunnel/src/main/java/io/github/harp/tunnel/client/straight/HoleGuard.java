// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.straight;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.function.Predicate;

/**
 * Lets datagrams of the peer pass. Those that still ask for the way are answered: the answer that
 * opened it may have been lost.
 */
final class HoleGuard extends ChannelInboundHandlerAdapter {

  /** What may be a late question; QUIC's packets of that size are few at the beginning. */
  private static final int LOOKED_AT = 64;

  private static final int LEAST_BYTES = 60;
  private static final int MOST_BYTES = 320;

  private final InetSocketAddress peer;
  private final Predicate<DatagramPacket> question;
  private int looks;

  /**
   * @param question whether it is one, which is answered then
   */
  HoleGuard(InetSocketAddress peer, Predicate<DatagramPacket> question) {
    this.peer = peer;
    this.question = question;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof DatagramPacket packet
        && packet.sender().equals(peer)
        && !(mayBeQuestion(packet) && question.test(packet))) {
      ctx.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private boolean mayBeQuestion(DatagramPacket packet) {
    var bytes = packet.content().readableBytes();
    return bytes >= LEAST_BYTES && bytes <= MOST_BYTES && looks++ < LOOKED_AT;
  }
}
