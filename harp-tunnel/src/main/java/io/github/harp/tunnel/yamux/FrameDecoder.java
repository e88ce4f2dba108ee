// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream of a connection into frames.
 *
 * <p>Payload is passed on as it arrives and never collected: a frame may be several MiB long, and
 * header and payload may arrive in any number of pieces.
 */
final class FrameDecoder {

  /** Where the frames go. */
  interface Sink {

    /**
     * A frame begins; {@code DATA} is followed by calls of {@link #onPayload} for all of its bytes.
     */
    void onHeader(FrameHeader header) throws TunnelException;

    /** Some bytes of the current frame, which the sink takes over. */
    void onPayload(FrameHeader header, ByteBuf bytes) throws TunnelException;

    /** The current frame is complete. */
    void onFrameEnd(FrameHeader header) throws TunnelException;

    /** Whether it can take more now. */
    boolean hasRoom();
  }

  private final Sink sink;
  private final ByteBuf partialHeader = Unpooled.buffer(FrameHeader.BYTES, FrameHeader.BYTES);
  private @Nullable FrameHeader current;
  private long payloadLeft;

  FrameDecoder(Sink sink) {
    this.sink = sink;
  }

  /** Reads {@code in}, which the caller keeps, as far as the sink has room. */
  void decode(ByteBuf in) throws TunnelException {
    while (in.isReadable() && sink.hasRoom()) {
      FrameHeader header = current;
      if (header == null) {
        header = readHeader(in);
        if (header == null) {
          return;
        }
        payloadLeft = header.type() == FrameHeader.TYPE_DATA ? header.length() : 0;
        current = header;
        sink.onHeader(header);
      }
      if (payloadLeft > 0 && in.isReadable()) {
        int bytes = (int) Math.min(payloadLeft, in.readableBytes());
        payloadLeft -= bytes;
        sink.onPayload(header, in.readRetainedSlice(bytes));
      }
      if (payloadLeft == 0) {
        current = null;
        sink.onFrameEnd(header);
      }
    }
  }

  private @Nullable FrameHeader readHeader(ByteBuf in) throws TunnelException {
    if (!partialHeader.isReadable() && in.readableBytes() >= FrameHeader.BYTES) {
      return FrameHeader.read(in);
    }
    partialHeader.writeBytes(in, Math.min(in.readableBytes(), partialHeader.writableBytes()));
    if (partialHeader.isWritable()) {
      return null;
    }
    FrameHeader header = FrameHeader.read(partialHeader);
    partialHeader.clear();
    return header;
  }
}
