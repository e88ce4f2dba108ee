// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.frp.stream.FailFastCodec;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Sits in the pipeline of one logical frp connection and turns bytes into {@link Message}s and
 * back, whichever wire protocol the connection speaks.
 *
 * <p>Reads are exact: nothing behind a message is consumed, so that the connection can change its
 * nature between two messages. Two methods do that, both from the event loop, both as the
 * <em>last</em> thing that a handler does with a message, because bytes that have arrived already
 * travel up the pipeline at once: {@link #encrypt} for a control connection after LoginResp, {@link
 * #handOver} for a work or visitor connection that becomes payload.
 *
 * <p>A peer that breaks the protocol surfaces as a {@link io.netty.handler.codec.DecoderException}
 * in {@code exceptionCaught}; the connection is to be closed without an answer, as frp does.
 */
public abstract class MessageCodec extends FailFastCodec<Message> {

  private @Nullable ChannelHandlerContext context;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
  }

  public abstract WireProtocol wire();

  /**
   * Whether {@link #encrypt} is possible: not when a wire protocol 2 client left out the
   * negotiation.
   */
  public abstract boolean canEncrypt();

  /** The transformation that {@link #encrypt} puts below the messages. */
  protected abstract ChannelHandler cipher(String token);

  /** A codec for the messages inside the cipher. */
  protected abstract MessageCodec inside();

  /**
   * Encrypts everything that follows in both directions with a key made of frp's {@code auth.token}
   * (empty in HaRP). Messages written before this call are not affected.
   */
  public final void encrypt(String token) {
    if (!canEncrypt()) {
      throw new IllegalStateException("no encryption was negotiated on this connection");
    }
    var ctx = added();
    ctx.pipeline().addAfter(ctx.name(), null, inside());
    ctx.pipeline().replace(this, null, cipher(token));
  }

  /**
   * Leaves the pipeline: what follows is payload for the next handler, and so are the bytes already
   * read.
   */
  public final void handOver() {
    added().pipeline().remove(this);
  }

  private ChannelHandlerContext added() {
    var ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("this codec is in no pipeline");
    }
    return ctx;
  }
}
