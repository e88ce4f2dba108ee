// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.github.harp.tunnel.frp.Message.NatHoleSid;
import io.github.harp.tunnel.frp.stream.CfbDatagrams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.Optional;

/**
 * What two peers send each other to open the way between them: a {@link NatHoleSid} as wire
 * protocol 1 frames it, whatever their servers speak, encrypted with the secret of the proxy.
 */
public final class NatHoleDatagrams {

  /** Beyond what any frpc sends: 16 bytes of IV, 9 of framing, and some 130 of JSON. */
  public static final int MAX_BYTES = 512;

  private static final int FRAME_BYTES = 1 + Long.BYTES;

  private final CfbDatagrams cipher;

  public NatHoleDatagrams(String secret) {
    cipher = new CfbDatagrams(secret);
  }

  public ByteBuf write(NatHoleSid message) {
    var json = MessageJson.write(message);
    var frame = new byte[FRAME_BYTES + json.length];
    Unpooled.wrappedBuffer(frame)
        .setIndex(0, 0)
        .writeByte(message.type().v1())
        .writeLong(json.length)
        .writeBytes(json);
    return Unpooled.wrappedBuffer(cipher.encrypt(frame));
  }

  /** Empty if it is anything else, or of somebody who does not know the secret. */
  public Optional<NatHoleSid> read(ByteBuf datagram) {
    if (datagram.readableBytes() > MAX_BYTES) {
      return Optional.empty();
    }
    var frame = Unpooled.wrappedBuffer(cipher.decrypt(ByteBufUtil.getBytes(datagram)));
    if (frame.readableBytes() < FRAME_BYTES
        || frame.readByte() != MessageType.NAT_HOLE_SID.v1()
        || frame.readLong() != frame.readableBytes()) {
      return Optional.empty();
    }
    try {
      var json = ByteBufUtil.getBytes(frame);
      return Optional.of((NatHoleSid) MessageJson.read(MessageType.NAT_HOLE_SID, json));
    } catch (CorruptedFrameException e) {
      return Optional.empty();
    }
  }
}
