// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Counts what the codec behind it keeps of a client without telling: the part of a frame that has
 * come while its rest has not, and the part of a header block that further frames continue (RFC
 * 9113, 4.1 and 4.3).
 */
final class Http2Unfinished extends ChannelDuplexHandler {

  private static final int END_HEADERS = 0x4;

  private final byte[] header = new byte[Http2CodecUtil.FRAME_HEADER_LENGTH];
  private int prefaceLeft = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
  private int headerSeen;
  private int payloadSeen;
  private int blockBytes;

  /** Bytes that have come and are not yet part of anything whole. */
  int bytes() {
    return blockBytes + payloadSeen;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      follow(bytes);
    }
    ctx.fireChannelRead(message);
  }

  /**
   * Netty's codec asks for more after each read, paused or not: windows are to hold a peer back.
   */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }

  private void follow(ByteBuf bytes) {
    int at = bytes.readerIndex() + Math.min(prefaceLeft, bytes.readableBytes());
    prefaceLeft -= at - bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      if (headerSeen < header.length) {
        header[headerSeen++] = bytes.getByte(at++);
      } else {
        int more = Math.min(length() - payloadSeen, bytes.writerIndex() - at);
        payloadSeen += more;
        at += more;
      }
      if (headerSeen == header.length && payloadSeen == length()) {
        frameEnded();
      }
    }
  }

  private int length() {
    return (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
  }

  private void frameEnded() {
    int type = header[3];
    if (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION) {
      blockBytes = (header[4] & END_HEADERS) != 0 ? 0 : blockBytes + payloadSeen;
    }
    headerSeen = 0;
    payloadSeen = 0;
  }
}
