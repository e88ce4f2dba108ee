// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.internal.StringUtil;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A duplex byte channel without a socket: something on the same event loop feeds it and takes what
 * it writes.
 *
 * <p>To its pipeline it behaves like a TCP channel: {@code autoRead} and {@code read()} hold bytes
 * back, the end of the peer's bytes closes it or, with half-closure allowed, fires {@link
 * ChannelInputShutdownEvent}; {@code close()} ends the stream in order if everything flushed was
 * taken, and resets it if not or if {@code SO_LINGER} is 0: a truncated stream never looks
 * complete.
 */
public abstract class StreamChannel extends AbstractChannel implements DuplexChannel {

  private static final Logger LOG = LoggerFactory.getLogger(StreamChannel.class);
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final StreamChannelConfig config = new StreamChannelConfig(this);
  private final StreamInput input = new StreamInput(this);

  private volatile boolean open = true;
  private volatile boolean outputShutdown;
  private boolean unsentBytes;
  private @Nullable ChannelOutboundBuffer sending;
  private boolean endedByPeer;

  protected StreamChannel(@Nullable Channel parent) {
    super(parent);
  }

  // ---- what a subclass does

  /**
   * Sends what is flushed and can be sent now; says whether everything was. May be called again at
   * any time.
   */
  protected abstract boolean send(ChannelOutboundBuffer flushed) throws Exception;

  /**
   * Tells the peer that no more bytes follow. Called at most once, never after {@link #sendReset}.
   */
  protected abstract void sendEnd();

  /** Tells the peer that the stream is aborted. */
  protected abstract void sendReset();

  /** The pipeline has taken this many bytes that were given to {@link #receive}. */
  protected abstract void onConsumed(int bytes);

  /** {@link #receive} had to keep this many bytes because nobody reads. */
  protected void onHeldBack(int bytes) {}

  /**
   * Whether kept bytes are to take no more memory than they have: as slices of pooled buffers,
   * which costs no copy, they hold on to several times as much.
   */
  protected boolean keepsSparingly() {
    return false;
  }

  /**
   * The peer is about to be told to send, and says nothing until then: the moment to tell it that
   * it may send less than usual.
   */
  public void beginPayload() {}

  /** What is written is little, and all other streams depend on it: it goes ahead of theirs. */
  public void goFirst() {}

  /** Kept bytes were handed on or dropped. */
  protected void onReleased(int bytes) {}

  /** The channel is closed; the peer has been told, unless it was the peer that aborted. */
  protected void onClosed() {}

  // ---- what the feeding side calls, on the event loop

  /** Gives bytes to the pipeline, or keeps them while it does not read. Takes over {@code data}. */
  public final void receive(ByteBuf data) {
    input.receive(data);
  }

  /** Ends a batch of {@link #receive} calls. */
  public final void receiveComplete() {
    input.complete();
  }

  /** The peer will send no more bytes. What is kept is still delivered. */
  public final void receiveEnd() {
    input.end();
  }

  /** The peer has aborted, or is gone: closes at once, without telling the peer. */
  public final void abort(Throwable cause) {
    if (!open) {
      return;
    }
    endedByPeer = true;
    if (isRegistered()) {
      pipeline().fireExceptionCaught(cause);
    }
    closeNow();
  }

  final void closeNow() {
    unsafe().close(unsafe().voidPromise());
  }

  /** More can be sent now: sends what is flushed. */
  protected final void sendFlushed() {
    ((StreamUnsafe) unsafe()).sendFlushed();
  }

  protected final boolean inputEnded() {
    return input.isEnded();
  }

  // ---- reading

  final void stopReading() {
    if (isRegistered() && !eventLoop().inEventLoop()) {
      eventLoop().execute(this::stopReading);
    } else if (!config.isAutoRead()) {
      input.stopReading();
    }
  }

  @Override
  protected final void doBeginRead() {
    input.read();
  }

  // ---- writing and closing

  @Override
  protected final void doWrite(ChannelOutboundBuffer in) throws Exception {
    sending = in;
    try {
      unsentBytes = !send(in);
    } finally {
      sending = null;
    }
  }

  @Override
  protected final Object filterOutboundMessage(Object msg) {
    if (msg instanceof ByteBuf) {
      return msg;
    }
    throw new UnsupportedOperationException(
        "written to " + this + ": " + StringUtil.simpleClassName(msg) + "; expected a ByteBuf");
  }

  @Override
  protected final void doShutdownOutput() {
    if (!outputShutdown) {
      outputShutdown = true;
      endOrReset();
    }
  }

  @Override
  protected final void doClose() {
    if (!open) {
      return;
    }
    open = false;
    boolean outputWasOpen = !outputShutdown;
    outputShutdown = true;
    if (!endedByPeer && config.resetsOnClose()) {
      sendReset();
    } else if (outputWasOpen) {
      endOrReset();
    }
    input.release();
    onClosed();
  }

  private void endOrReset() {
    boolean truncated = sending != null ? !sending.isEmpty() : unsentBytes;
    if (!endedByPeer && truncated) {
      sendReset();
    } else if (!endedByPeer) {
      sendEnd();
    }
  }

  @Override
  protected final void doDisconnect() {
    doClose();
  }

  // ---- DuplexChannel

  @Override
  public final boolean isInputShutdown() {
    return input.isShutdown();
  }

  @Override
  public final boolean isOutputShutdown() {
    return outputShutdown;
  }

  @Override
  public final boolean isShutdown() {
    return isInputShutdown() && outputShutdown;
  }

  @Override
  public final ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public final ChannelFuture shutdownOutput(ChannelPromise promise) {
    if (eventLoop().inEventLoop()) {
      ((StreamUnsafe) unsafe()).shutdownOutput(promise);
    } else {
      eventLoop().execute(() -> ((StreamUnsafe) unsafe()).shutdownOutput(promise));
    }
    return promise;
  }

  @Override
  public final ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  /** Bytes that arrive from now on are dropped. */
  @Override
  public final ChannelFuture shutdownInput(ChannelPromise promise) {
    if (eventLoop().inEventLoop()) {
      input.drop();
      promise.trySuccess();
    } else {
      eventLoop().execute(() -> shutdownInput(promise));
    }
    return promise;
  }

  @Override
  public final ChannelFuture shutdown() {
    return close();
  }

  @Override
  public final ChannelFuture shutdown(ChannelPromise promise) {
    return close(promise);
  }

  // ---- Channel

  @Override
  public final ChannelConfig config() {
    return config;
  }

  final boolean allowsHalfClosure() {
    return config.allowsHalfClosure();
  }

  @Override
  public final boolean isOpen() {
    return open;
  }

  @Override
  public final boolean isActive() {
    return open;
  }

  @Override
  public final ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected final boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected final void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("a stream has no address of its own to bind");
  }

  @Override
  protected final AbstractUnsafe newUnsafe() {
    return new StreamUnsafe();
  }

  @Override
  protected final DefaultChannelPipeline newChannelPipeline() {
    return new StreamPipeline(this);
  }

  /** Of what a peer or the network did the log is told nothing when nobody listens, or not yet. */
  private static final class StreamPipeline extends DefaultChannelPipeline {

    private StreamPipeline(Channel stream) {
      super(stream);
    }

    @Override
    protected void onUnhandledInboundException(Throwable cause) {
      ErrorAlarm.look(channel(), cause);
      if (ErrorAlarm.isOfPeer(cause)) {
        LOG.debug("{}: {}", channel(), cause.getMessage());
      } else {
        super.onUnhandledInboundException(cause);
      }
    }
  }

  private final class StreamUnsafe extends AbstractUnsafe {

    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
      promise.tryFailure(
          new UnsupportedOperationException("a stream is connected when it is made"));
    }

    /** Through the guard against re-entry: a write promise that completes may flush again. */
    private void sendFlushed() {
      flush0();
    }
  }
}
