// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.stream.CfbCipher;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;

/**
 * Wire protocol 1: a type byte, the length as a signed 64-bit number, that many bytes of JSON.
 *
 * @see <a href="https://github.com/fatedier/golib/tree/v0.5.0/msg/json">golib v0.5.0, msg/json</a>
 */
public final class V1Codec extends MessageCodec {

  /** frp refuses longer messages, so a longer one is neither read nor written. */
  public static final int MAX_MESSAGE_BYTES = 10_240;

  private static final int HEADER_BYTES = 1 + 8;

  private final int mostBytes;

  public V1Codec() {
    this(MAX_MESSAGE_BYTES);
  }

  /**
   * @param mostBytes of a message that is read, {@link #MAX_MESSAGE_BYTES} at most
   */
  public V1Codec(int mostBytes) {
    this.mostBytes = Math.min(mostBytes, MAX_MESSAGE_BYTES);
  }

  @Override
  public WireProtocol wire() {
    return WireProtocol.V1;
  }

  @Override
  public boolean canEncrypt() {
    return true;
  }

  @Override
  protected ChannelHandler cipher(String token) {
    return CfbCipher.forToken(token);
  }

  @Override
  protected MessageCodec inside() {
    return new V1Codec();
  }

  @Override
  protected void read(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (!in.isReadable()) {
      return;
    }
    byte code = in.getByte(in.readerIndex());
    var type = MessageType.ofV1(code);
    if (type == null) {
      throw new CorruptedFrameException("message type 0x%02x is none of frp's".formatted(code));
    }
    if (in.readableBytes() < HEADER_BYTES) {
      return;
    }
    long length = in.getLong(in.readerIndex() + 1);
    if (length < 0 || length > mostBytes) {
      throw new TooLongFrameException(
          "%s announces %d bytes; expected 0-%d".formatted(type, length, mostBytes));
    }
    if (in.readableBytes() < HEADER_BYTES + length) {
      return;
    }
    in.skipBytes(HEADER_BYTES);
    var json = new byte[(int) length];
    in.readBytes(json);
    out.add(MessageJson.read(type, json));
  }

  @Override
  protected void encode(ChannelHandlerContext ctx, Message message, ByteBuf out) {
    var json = MessageJson.write(message);
    if (json.length > MAX_MESSAGE_BYTES) {
      throw new EncoderException(
          "%s has %d bytes of JSON; a peer takes at most %d"
              .formatted(message.type(), json.length, MAX_MESSAGE_BYTES));
    }
    out.writeByte(message.type().v1());
    out.writeLong(json.length);
    out.writeBytes(json);
  }
}
