// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.dial;

import io.github.harp.tunnel.stream.ErrorAlarm;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what broke a connection to the server, a TLS alert for instance, which with TLS 1.3
 * arrives long after the handshake; otherwise all that is left to say is that the connection was
 * closed. Sharable, since connections are tried one after another until an address answers.
 */
@ChannelHandler.Sharable
public final class FailureNote extends ChannelInboundHandlerAdapter {

  private @Nullable Throwable failure;

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ErrorAlarm.look(ctx.channel(), cause);
    if (failure == null) {
      failure = cause;
    }
    // Before somebody uses the connection, the end of the pipeline would call the exception
    // unhandled.
    if (ctx.pipeline().last() != this) {
      ctx.fireExceptionCaught(cause);
    }
    ctx.close();
  }

  /** What broke the connection, if something did. */
  public Optional<String> text() {
    return Optional.ofNullable(failure).map(FailureNote::describe);
  }

  /** The text of a failure without the wrapping that a codec puts around it. */
  public static String describe(Throwable failure) {
    var cause = failure;
    while ((cause instanceof DecoderException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
