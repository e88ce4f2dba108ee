// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http1;

import io.github.harp.proxy.frontend.connection.LingeringClose;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handlers of an HTTP/1 connection in its channel, and the ways in which it ends. */
final class Http1Pipeline {

  private static final Logger LOG = LoggerFactory.getLogger(Http1Pipeline.class);

  private final Channel channel;
  private final Http1RequestDecoder decoder;
  private final Http1ResponseWriter answers;

  Http1Pipeline(Channel channel, Http1RequestDecoder decoder, Http1ResponseWriter answers) {
    this.channel = channel;
    this.decoder = decoder;
    this.answers = answers;
  }

  void install(ChannelHandler connection) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    channel.pipeline().addLast(decoder, answers.encoder(), connection);
  }

  /** Gives the channel to another protocol; what is still undecoded goes to the next handler. */
  void uninstall(ChannelHandler connection) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    channel.pipeline().remove(connection);
    channel.pipeline().remove(answers.encoder());
    channel.pipeline().remove(decoder);
  }

  /** Sends a 101 and leaves the channel to {@code relay}. */
  Channel upgrade(ChannelHandler connection, HttpResponse switching, ChannelHandler relay) {
    answers.switchProtocols(switching);
    channel.pipeline().addLast(relay);
    uninstall(connection);
    return channel;
  }

  void closeWhenFlushed() {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** For a client that may still be sending; no handler but that of TLS sees any of it. */
  void closeLingering() {
    var tls = channel.pipeline().context(SslHandler.class);
    if (tls == null) {
      channel.pipeline().addFirst(new LingeringClose());
    } else {
      channel.pipeline().addAfter(tls.name(), null, new LingeringClose());
    }
    channel.close();
  }

  /**
   * So that the client can't take what it has got for all there is: past the TLS handler, too,
   * which would say a proper goodbye.
   */
  void reset() {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException alreadyReset) {
      // By the client: nobody is left to take something for whole.
      LOG.trace("no reset is to be sent", alreadyReset);
    }
    channel.unsafe().close(channel.voidPromise());
  }
}
