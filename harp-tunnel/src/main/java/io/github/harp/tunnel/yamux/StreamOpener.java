// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Promise;
import java.time.Duration;

/**
 * Opens streams: odd, increasing ids, and not more at a time than a peer has to keep waiting.
 *
 * <p>A peer that does not acknowledge a stream in time is taken for dead, as in Go.
 */
final class StreamOpener {

  private static final int MAX_UNACKNOWLEDGED = 256;
  private static final Duration ACKNOWLEDGE_TIMEOUT = Duration.ofSeconds(75);

  private final YamuxSession session;
  private int nextId = 1;
  private int unacknowledged;
  private boolean peerGoesAway;

  StreamOpener(YamuxSession session) {
    this.session = session;
  }

  /** The peer takes no new streams any more. */
  void stop() {
    peerGoesAway = true;
  }

  void open(ChannelHandler handler, Promise<Channel> opened) {
    if (peerGoesAway || !session.mayOpen()) {
      opened.setFailure(
          new TunnelException(Code.CLOSED, "no stream can be opened: the session is closing"));
      return;
    }
    if (unacknowledged >= MAX_UNACKNOWLEDGED || !session.streams().hasRoom()) {
      opened.setFailure(
          new TunnelException(
              Code.LIMIT_REACHED,
              "no stream can be opened: " + session.streams().count() + " are open"));
      return;
    }
    int id = nextId;
    nextId += 2;
    unacknowledged++;
    YamuxStreamChannel stream = session.streams().add(id, handler);
    session.writer().control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.SYN, id, 0);
    stream.awaitAcknowledgement(
        ACKNOWLEDGE_TIMEOUT,
        () ->
            session.fail(
                new TunnelException(Code.TIMEOUT, "a stream was not acknowledged in time")));
    session
        .connection()
        .eventLoop()
        .register(stream)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                opened.setSuccess(stream);
              } else {
                opened.setFailure(registered.cause());
              }
            });
  }

  /** The peer has acknowledged a stream, or it has ended without. */
  void acknowledge(YamuxStreamChannel stream) {
    if (stream.acknowledged()) {
      unacknowledged--;
    }
  }

  boolean wasOpened(int id) {
    return (id & 1) == 1 && Integer.compareUnsigned(id, nextId) < 0;
  }
}
