// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.stream.Holding;
import io.github.harp.tunnel.stream.StreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a {@link YamuxSession}, on the event loop of its connection.
 *
 * <p>It is writable while the peer has given credit and the connection takes it; bytes nobody reads
 * count against the credit of the peer, never against other streams.
 */
final class YamuxStreamChannel extends StreamChannel {

  private static final long MAX_CREDIT = 0xFFFF_FFFFL;

  /** How long a stream that we closed waits for the peer to close it before it is reset. */
  private static final Duration LINGER_TIMEOUT = Duration.ofSeconds(60);

  private final int id;
  private final YamuxSession session;
  private final ReceiveWindow window;
  private final Holding holding;
  private final FrameWriter.Turn turn = new FrameWriter.Turn();
  private long sendCreditBytes = ReceiveWindow.INITIAL_BYTES;
  private int unsentOfFrame;
  private boolean awaitingTurn;
  private boolean unacknowledged;
  private boolean endSent;
  private boolean endReceived;
  private boolean gone;
  private boolean touched;
  private @Nullable ScheduledFuture<?> deadline;

  YamuxStreamChannel(YamuxSession session, int id, ReceiveWindow window) {
    super(session.connection());
    this.session = session;
    this.id = id;
    this.window = window;
    this.holding =
        new Holding(session.options().heldBytes(), session.connection().eventLoop().ticker());
  }

  /** The id of this stream within its session, unsigned. */
  int streamId() {
    return id;
  }

  /** What it keeps for its reader. */
  Holding holding() {
    return holding;
  }

  // ---- incoming

  /**
   * Counts an announced frame against the peer's credit. What comes behind the peer's end is
   * dropped within that credit, since frpc 0.70 writes and closes a stream at the same time.
   */
  void onDataHeader(long bytes) throws TunnelException {
    if (isOpen() && !window.accept(bytes)) {
      throw violation(
          "a frame of "
              + bytes
              + " bytes on stream "
              + Integer.toUnsignedString(id)
              + ", more than its credit");
    }
  }

  /** Remembers that bytes were received in this batch; true the first time. */
  boolean touch() {
    boolean first = !touched;
    touched = true;
    return first;
  }

  void batchComplete() {
    touched = false;
    receiveComplete();
  }

  /** Modulo 2^32, as in frp's programs: {@link #beginPayload}. */
  void onCredit(long bytes) {
    sendCreditBytes = (sendCreditBytes + bytes) & MAX_CREDIT;
    if (bytes > 0) {
      sendFlushed();
    }
  }

  void onEnd() {
    if (!endReceived) {
      endReceived = true;
      receiveEnd();
      forgetIfEnded();
    }
  }

  void onReset() {
    leaveSession();
    abort(
        new TunnelException(
            Code.RESET, "stream " + Integer.toUnsignedString(id) + " was reset by the peer"));
  }

  /** The connection is gone. */
  void onSessionEnd(TunnelException cause) {
    gone = true;
    cancelDeadline();
    abort(cause);
  }

  /** Aborts the stream from our side. */
  void reset(TunnelException cause) {
    sendReset();
    abort(cause);
  }

  @Override
  protected void onConsumed(int bytes) {
    if (!isOpen()) {
      return;
    }
    int grant = window.consumed(bytes);
    if (grant > 0 && !inputEnded() && !gone) {
      session.writer().control(FrameHeader.TYPE_WINDOW_UPDATE, 0, id, grant);
    }
  }

  /**
   * Credit is a 32-bit number to which frp's programs add what an update says, modulo 2^32: so a
   * part of it can be taken back, as long as the peer is not using it up meanwhile.
   */
  @Override
  public void beginPayload() {
    int lost = window.begin();
    if (lost > 0 && !gone) {
      session.writer().control(FrameHeader.TYPE_WINDOW_UPDATE, 0, id, -lost);
    }
  }

  @Override
  protected void onHeldBack(int bytes) {
    window.kept(bytes);
    holding.keep(bytes);
  }

  @Override
  protected boolean keepsSparingly() {
    return !session.options().heldBytes().hasRoomToGrow(0);
  }

  @Override
  protected void onReleased(int bytes) {
    window.released(bytes);
    holding.release(bytes);
  }

  // ---- outgoing

  @Override
  public void goFirst() {
    turn.goFirst();
  }

  FrameWriter.Turn turn() {
    return turn;
  }

  void takeTurn() {
    awaitingTurn = false;
    sendFlushed();
  }

  @Override
  protected boolean send(ChannelOutboundBuffer flushed) throws Exception {
    FrameWriter writer = session.writer();
    while (!flushed.isEmpty() && sendCreditBytes > 0 && !gone && writer.mayWrite(this)) {
      sendFrame(flushed, writer);
      if (writer.othersWait()) {
        break;
      }
    }
    if (flushed.isEmpty()) {
      return true;
    }
    if (sendCreditBytes > 0 && !awaitingTurn && !gone) {
      awaitingTurn = true;
      writer.awaitTurn(this);
    }
    return false;
  }

  /**
   * Everything of a frame is written before a write promise completes: its listener may close the
   * stream.
   */
  private void sendFrame(ChannelOutboundBuffer flushed, FrameWriter writer) throws Exception {
    int limit = (int) Math.min(sendCreditBytes, writer.maxPayloadBytes());
    int payload = flushedBytes(flushed, limit);
    if (payload > 0) {
      sendCreditBytes -= payload;
      writer.sends(turn);
      ByteBuf header = alloc().buffer(FrameHeader.BYTES);
      FrameHeader.write(header, FrameHeader.TYPE_DATA, 0, id, payload);
      writer.write(header);
      unsentOfFrame = payload;
      flushed.forEachFlushedMessage(msg -> writePart((ByteBuf) msg, writer));
    }
    removeSent(flushed, payload);
  }

  private boolean writePart(ByteBuf bytes, FrameWriter writer) {
    int part = Math.min(unsentOfFrame, bytes.readableBytes());
    if (part > 0) {
      writer.write(bytes.retainedSlice(bytes.readerIndex(), part));
      unsentOfFrame -= part;
    }
    return unsentOfFrame > 0;
  }

  private static void removeSent(ChannelOutboundBuffer flushed, int sent) {
    int left = sent;
    while (flushed.current() instanceof ByteBuf bytes) {
      int readable = bytes.readableBytes();
      if (readable > left) {
        bytes.skipBytes(left);
        flushed.progress(left);
        return;
      }
      left -= readable;
      flushed.remove();
      if (left == 0) {
        return;
      }
    }
  }

  private int flushedBytes(ChannelOutboundBuffer flushed, int limit) throws Exception {
    unsentOfFrame = 0;
    flushed.forEachFlushedMessage(
        msg -> {
          unsentOfFrame += ((ByteBuf) msg).readableBytes();
          return unsentOfFrame < limit;
        });
    return Math.min(unsentOfFrame, limit);
  }

  @Override
  protected void sendEnd() {
    if (gone) {
      return;
    }
    endSent = true;
    session.writer().control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.FIN, id, 0);
    forgetIfEnded();
  }

  @Override
  protected void sendReset() {
    if (gone) {
      return;
    }
    session.writer().control(FrameHeader.TYPE_WINDOW_UPDATE, FrameHeader.RST, id, 0);
    leaveSession();
  }

  @Override
  protected void onClosed() {
    window.close();
    if (!gone) {
      deadlineAfter(LINGER_TIMEOUT, this::sendReset);
      session.streams().isIdle(this, this::sendReset);
    }
  }

  // ---- life in the session

  void awaitAcknowledgement(Duration timeout, Runnable onTimeout) {
    unacknowledged = true;
    deadlineAfter(timeout, onTimeout);
  }

  /** The peer has acknowledged the stream, or will never do; true the first time. */
  boolean acknowledged() {
    if (!unacknowledged) {
      return false;
    }
    unacknowledged = false;
    if (isOpen()) {
      cancelDeadline();
    }
    return true;
  }

  /** Replaces the stream's one timer. */
  private void deadlineAfter(Duration delay, Runnable action) {
    cancelDeadline();
    deadline =
        session.connection().eventLoop().schedule(action, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  private void forgetIfEnded() {
    if (endSent && endReceived) {
      leaveSession();
    }
  }

  private void leaveSession() {
    if (!gone) {
      gone = true;
      cancelDeadline();
      session.forget(this);
    }
  }

  private static TunnelException violation(String what) {
    return new TunnelException(Code.PROTOCOL_VIOLATION, what);
  }

  @Override
  protected SocketAddress localAddress0() {
    return session.connection().localAddress();
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return session.connection().remoteAddress();
  }
}
