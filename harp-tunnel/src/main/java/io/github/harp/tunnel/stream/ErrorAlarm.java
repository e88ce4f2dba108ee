// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.channel.Channel;
import io.netty.handler.codec.CodecException;
import io.netty.util.AttributeKey;
import io.netty.util.Signal;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks out for what an event loop does not get over: an {@link Error}, such as that of no memory
 * left, means that something was not done that others rely on. Netty catches it and passes it to
 * the handlers of a channel, which close that and would say no more.
 */
public final class ErrorAlarm {

  /**
   * Who is told of those that reach a channel and its streams, on the event loop, which may have no
   * memory left.
   */
  public static final AttributeKey<Consumer<Throwable>> LISTENER =
      AttributeKey.valueOf(ErrorAlarm.class, "listener");

  private static final int DEEPEST_CAUSE = 8;

  private ErrorAlarm() {}

  /** Tells if this is one, or was caused by one. */
  public static void look(Channel channel, Throwable failure) {
    var cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
      // Signals of Netty are constants that it throws to itself.
      if (cause instanceof Error && !(cause instanceof Signal)) {
        var listener = listenerOf(channel);
        if (listener != null) {
          listener.accept(cause);
        }
        return;
      }
      cause = cause.getCause();
    }
  }

  /**
   * Whether it is what networks and peers do: a connection that breaks, or bytes that nobody
   * understands. All else is a defect.
   */
  public static boolean isOfPeer(Throwable failure) {
    return failure instanceof IOException || failure instanceof CodecException;
  }

  private static @Nullable Consumer<Throwable> listenerOf(Channel channel) {
    for (var one = channel; one != null; one = one.parent()) {
      if (one.hasAttr(LISTENER)) {
        return one.attr(LISTENER).get();
      }
    }
    return null;
  }
}
