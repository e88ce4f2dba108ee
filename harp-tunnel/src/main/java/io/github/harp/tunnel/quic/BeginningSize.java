// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops datagrams that may begin a connection and are smaller than those of a client are: what they
 * would be answered with, a request to come again or a list of versions, may be larger than they
 * are, and go to whomever their sender has named.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9000#section-14.1">RFC 9000, section 14.1</a>
 */
final class BeginningSize extends ChannelInboundHandlerAdapter {

  private static final int LEAST_BYTES = 1_200;
  private static final int LONG_HEADER = 0x80;
  private static final int TYPE = 0x30;
  private static final int HANDSHAKE = 0x20;
  private static final int VERSION_1 = 1;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof DatagramPacket packet && isTooSmall(packet.content())) {
      ReferenceCountUtil.release(message);
    } else {
      ctx.fireChannelRead(message);
    }
  }

  private static boolean isTooSmall(ByteBuf bytes) {
    return bytes.isReadable()
        && bytes.readableBytes() < LEAST_BYTES
        && (bytes.getByte(bytes.readerIndex()) & LONG_HEADER) != 0
        && !goesOn(bytes);
  }

  /** Only who has begun already sends packets of a handshake. */
  private static boolean goesOn(ByteBuf bytes) {
    var from = bytes.readerIndex();
    return bytes.readableBytes() > 1 + Integer.BYTES
        && (bytes.getByte(from) & TYPE) == HANDSHAKE
        && bytes.getInt(from + 1) == VERSION_1;
  }
}
