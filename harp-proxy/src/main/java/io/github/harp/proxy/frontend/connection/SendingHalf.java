// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** The half of a client's connection in which we send. */
public final class SendingHalf {

  private SendingHalf() {}

  /**
   * Ends it once all that was written is sent, with TLS after a proper goodbye: in any other order
   * what is still queued would be thrown away.
   *
   * @param from the place in the pipeline up to which something may still be written
   */
  public static ChannelFuture end(Channel channel, ChannelOutboundInvoker from) {
    var ended = channel.newPromise();
    from.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> sayGoodbye(channel, ended));
    return ended;
  }

  private static void sayGoodbye(Channel channel, ChannelPromise ended) {
    var tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      shutDown(channel, ended);
    } else {
      tls.closeOutbound().addListener(said -> shutDown(channel, ended));
    }
  }

  private static void shutDown(Channel channel, ChannelPromise ended) {
    if (channel instanceof DuplexChannel duplex) {
      duplex.shutdownOutput(ended);
    } else {
      channel.close(ended);
    }
  }
}
