// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.FloodGuard;
import io.github.harp.tunnel.stream.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the peer's frames do to a session and its streams, and which of them it may not send. */
final class IncomingFrames {

  private static final int FLOOD_BURST = 256;
  private static final int FLOOD_PER_SECOND = 64;

  /** Streams that a peer opens before others on the event loop have their turn. */
  private static final int MOST_OPENED_IN_TURN = 32;

  private final @Nullable ChannelHandler acceptor;
  private final Channel connection;
  private final FrameWriter writer;
  private final KeepAlive keepAlive;
  private final Streams streams;
  private final StreamOpener opener;
  private final PeerIds peerIds = new PeerIds();
  private final Ticker ticker;
  private final FloodGuard floodGuard;
  private final List<YamuxStreamChannel> touched = new ArrayList<>();
  private int openedInTurn;

  /**
   * @param acceptor initialises the streams of the peer; null at the side that opens them
   */
  IncomingFrames(
      @Nullable ChannelHandler acceptor,
      Channel connection,
      FrameWriter writer,
      KeepAlive keepAlive,
      Streams streams,
      StreamOpener opener) {
    this.acceptor = acceptor;
    this.connection = connection;
    this.writer = writer;
    this.keepAlive = keepAlive;
    this.streams = streams;
    this.opener = opener;
    this.ticker = connection.eventLoop().ticker();
    this.floodGuard = new FloodGuard(FLOOD_BURST, FLOOD_PER_SECOND, ticker.nanoTime());
  }

  /** A frame begins, amid another perhaps. */
  void onHeader(FrameHeader header) throws TunnelException {
    switch (header.type()) {
      case FrameHeader.TYPE_PING -> onPing(header);
      case FrameHeader.TYPE_GO_AWAY -> onGoAway(header);
      default -> onStreamFrame(header);
    }
  }

  private void onPing(FrameHeader header) throws TunnelException {
    if (header.has(FrameHeader.SYN)) {
      guardAgainstFlood("pings");
      writer.control(FrameHeader.TYPE_PING, FrameHeader.ACK, 0, (int) header.length());
    } else {
      keepAlive.onAnswer(header.length());
    }
  }

  private void onGoAway(FrameHeader header) throws TunnelException {
    opener.stop();
    if (header.length() != FrameHeader.REASON_NORMAL) {
      throw new TunnelException(Code.RESET, "the peer goes away with reason " + header.length());
    }
  }

  private void onStreamFrame(FrameHeader header) throws TunnelException {
    int id = header.streamId();
    YamuxStreamChannel stream = streams.find(id);
    if (header.has(FrameHeader.SYN)) {
      stream = onSyn(id);
    } else if (stream == null) {
      refuseUnopened(id);
    }
    if (stream == null) {
      return;
    }
    if (header.has(FrameHeader.ACK)) {
      opener.acknowledge(stream);
    }
    if (header.has(FrameHeader.RST)) {
      stream.onReset();
    } else if (header.type() == FrameHeader.TYPE_DATA) {
      stream.onDataHeader(header.length());
    } else {
      stream.onCredit(header.length());
    }
  }

  /**
   * The id of a stream of the past is skipped in silence, since its last frames may still be under
   * way.
   */
  private void refuseUnopened(int id) throws TunnelException {
    boolean known =
        acceptor != null ? peerIds.wasOpened(id) : (id & 1) == 0 || opener.wasOpened(id);
    if (id == 0 || !known) {
      throw new TunnelException(
          Code.PROTOCOL_VIOLATION,
          "a frame for stream " + Integer.toUnsignedString(id) + ", which was never opened");
    }
  }

  private @Nullable YamuxStreamChannel onSyn(int id) throws TunnelException {
    if (acceptor == null) {
      return refuse(id, "streams opened by a server");
    }
    peerIds.requireNew(id);
    openedInTurn++;
    return streams.hasRoom() ? accept(id, acceptor) : refuse(id, "streams beyond the limit");
  }

  private @Nullable YamuxStreamChannel refuse(int id, String what) throws TunnelException {
    guardAgainstFlood(what);
    writer.control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.RST, id, 0);
    return null;
  }

  private YamuxStreamChannel accept(int id, ChannelHandler handler) {
    var stream = streams.add(id, handler);
    streams.isIdle(stream, () -> Reset.of(stream));
    // At once: an opener closes the whole session when an acknowledgement is late, and a parked
    // stream has nothing else to say for hours.
    writer.control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.ACK, id, 0);
    connection.eventLoop().register(stream);
    return stream;
  }

  /** Takes over {@code bytes} of a frame that has begun. */
  void onPayload(FrameHeader header, ByteBuf bytes) {
    YamuxStreamChannel stream = streams.find(header.streamId());
    if (stream == null) {
      bytes.release();
      return;
    }
    if (stream.touch()) {
      touched.add(stream);
    }
    stream.receive(bytes);
  }

  void onFrameEnd(FrameHeader header) throws TunnelException {
    YamuxStreamChannel stream = streams.find(header.streamId());
    if (stream != null && header.has(FrameHeader.FIN)) {
      stream.onEnd();
    }
    if (writer.controlBacklogIsFull()) {
      throw new TunnelException(
          Code.LIMIT_REACHED, "the peer does not read the answers it asks for");
    }
  }

  void beginTurn() {
    openedInTurn = 0;
  }

  /** Whether one more stream may be opened now. */
  boolean hasRoomInTurn() {
    return openedInTurn < MOST_OPENED_IN_TURN;
  }

  /** No more frames for the moment. */
  void batchComplete() {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).batchComplete();
    }
    touched.clear();
  }

  private void guardAgainstFlood(String what) throws TunnelException {
    if (!floodGuard.allow(ticker.nanoTime())) {
      throw new TunnelException(Code.LIMIT_REACHED, "too many " + what);
    }
  }

  /**
   * The ids under which a peer opens streams: odd, and each once.
   *
   * <p>They do not arrive in order: Go takes an id and sends the SYN in two steps, so streams that
   * are opened at the same time overtake each other. An id may therefore be filled in later, within
   * the number of opens that can be under way.
   */
  static final class PeerIds {

    private static final int MAX_MISSING = 1024;

    private final Set<Integer> missing = new HashSet<>();
    private int highest = -1;

    /** Takes an id for a new stream, which the peer must be allowed to use. */
    void requireNew(int id) throws TunnelException {
      if (!open(id)) {
        throw new TunnelException(
            Code.PROTOCOL_VIOLATION,
            "a stream is opened as "
                + Integer.toUnsignedString(id)
                + "; expected an odd id that is new");
      }
    }

    /** Takes an id for a new stream; false if the peer may not use it (again). */
    boolean open(int id) {
      if ((id & 1) == 0) {
        return false;
      }
      if (Integer.compareUnsigned(id, highest) <= 0 && highest != -1) {
        return missing.remove(id);
      }
      int skipped = (id - highest) / 2 - 1;
      if (skipped < 0 || missing.size() + skipped > MAX_MISSING) {
        return false;
      }
      for (int between = highest + 2; between != id; between += 2) {
        missing.add(between);
      }
      highest = id;
      return true;
    }

    boolean wasOpened(int id) {
      return (id & 1) == 1
          && highest != -1
          && Integer.compareUnsigned(id, highest) <= 0
          && !missing.contains(id);
    }
  }
}
