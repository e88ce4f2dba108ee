// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.stream;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Makes a channel usable on another event loop.
 *
 * <p>Bytes go across in batches, one task each, at most 256 KiB at a time in either direction, less
 * as memory becomes short, and 16 KiB in the end, of a crowd 2 KiB to the near one: then the far
 * channel is not read, or the near one not writable. Ends and resets go across, too.
 */
public final class Bridge {

  private static final long LINGER_SECONDS = 60;

  private final Channel far;
  private final HeldBytes all;
  private final Backlog toNear;
  private final Backlog toFar;
  private final FarEnd farEnd = new FarEnd();
  private final Near near;

  private Bridge(Channel far, EventLoop loop, HeldBytes all) {
    this.far = far;
    this.all = all;
    this.toNear = new Backlog(all, HeldBytes.LEAST_BYTES, loop.ticker());
    // The far channel takes turns with others itself; in smaller parts that only costs more.
    this.toFar = new Backlog(all, HeldBytes.PIECE_BYTES, loop.ticker());
    this.near = new Near(new Holding(all, loop.ticker()));
  }

  /**
   * A channel on {@code loop} that stands for {@code far}, with autoRead off and an empty pipeline.
   * Must be called on the event loop of {@code far}, whose autoRead must be off, too.
   *
   * @param all what is kept between the two counts there
   */
  public static Future<Channel> across(Channel far, EventLoop loop, HeldBytes all) {
    Bridge bridge = new Bridge(far, loop, all);
    far.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    far.pipeline().addLast(bridge.farEnd);
    Promise<Channel> promise = loop.newPromise();
    bridge.near.config().setAutoRead(false);
    loop.register(bridge.near)
        .addListener(
            registered -> {
              if (registered.isSuccess()) {
                all.joinStream(bridge.near);
                far.eventLoop().execute(() -> far.config().setAutoRead(true));
                promise.setSuccess(bridge.near);
              } else {
                far.eventLoop().execute(bridge::resetFar);
                promise.setFailure(registered.cause());
              }
            });
    return promise;
  }

  /**
   * Whether nobody takes what this channel has handed over, if it is the far one of a bridge: a
   * slow reader takes that before the channel is read again. On the channel's event loop.
   */
  public static boolean standsStillBehind(Channel channel, long patienceNanos) {
    FarEnd end = channel.pipeline().get(FarEnd.class);
    return end == null || end.standsStill(patienceNanos);
  }

  /** On the loop of the far channel. */
  private void resetFar() {
    Reset.of(far);
  }

  /** What reads the far channel. */
  private final class FarEnd extends ChannelInboundHandlerAdapter {

    private List<ByteBuf> batch = new ArrayList<>();
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      batch.add(bytes);
      if (!toNear.add(bytes.readableBytes())) {
        far.config().setAutoRead(false);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      sendBatch();
    }

    private void sendBatch() {
      if (!batch.isEmpty()) {
        List<ByteBuf> full = batch;
        batch = new ArrayList<>();
        near.eventLoop().execute(() -> near.receiveBatch(full));
      }
    }

    private boolean standsStill(long patienceNanos) {
      return toNear.standsStill(patienceNanos);
    }

    private void readOn() {
      if (far.isOpen()) {
        far.config().setAutoRead(true);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownEvent.INSTANCE) {
        ended = true;
        sendBatch();
        near.eventLoop().execute(near::receiveEnd);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ErrorAlarm.look(ctx.channel(), cause);
      near.eventLoop().execute(() -> near.abort(cause));
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      sendBatch();
      if (!ended) {
        near.eventLoop()
            .execute(
                () ->
                    near.abort(
                        new TunnelException(Code.RESET, "the tunnel's connection is closed")));
      }
    }
  }

  /** What the other event loop sees. */
  private final class Near extends StreamChannel implements HeldBytes.Holder {

    private final Holding holding;
    private int collectedBytes;
    private boolean waiting;

    private Near(Holding holding) {
      super(null);
      this.holding = holding;
    }

    @Override
    protected void onHeldBack(int bytes) {
      all.reserve(bytes);
      holding.keep(bytes);
    }

    @Override
    protected boolean keepsSparingly() {
      return !all.hasRoomToGrow(0);
    }

    @Override
    protected void onReleased(int bytes) {
      all.reserve(-bytes);
      holding.release(bytes);
    }

    @Override
    public void reclaim(long patienceNanos) {
      eventLoop().execute(() -> resetIfStale(patienceNanos));
    }

    private void resetIfStale(long patienceNanos) {
      boolean stale = holding.isStale(patienceNanos) || toFar.isStale(patienceNanos);
      if (stale && all.isExhausted()) {
        far.eventLoop().execute(Bridge.this::resetFar);
        abort(Holding.nobodyReads());
      }
    }

    private void receiveBatch(List<ByteBuf> batch) {
      for (int i = 0; i < batch.size(); i++) {
        receive(batch.get(i));
      }
      receiveComplete();
    }

    @Override
    protected void onConsumed(int bytes) {
      if (toNear.remove(bytes)) {
        far.eventLoop().execute(farEnd::readOn);
      }
    }

    /** Hands a batch over before a write promise completes: its listener may close the channel. */
    @Override
    protected boolean send(ChannelOutboundBuffer flushed) throws Exception {
      while (!waiting && !flushed.isEmpty()) {
        List<ByteBuf> batch = collect(flushed);
        int bytes = collectedBytes;
        all.reserve(bytes);
        waiting = !toFar.add(bytes);
        far.eventLoop().execute(() -> writeFar(batch, bytes));
        for (int i = 0; i < batch.size() && flushed.remove(); i++) {
          // remove() did the work
        }
      }
      return flushed.isEmpty();
    }

    private List<ByteBuf> collect(ChannelOutboundBuffer flushed) throws Exception {
      List<ByteBuf> batch = new ArrayList<>();
      collectedBytes = 0;
      flushed.forEachFlushedMessage(
          msg -> {
            ByteBuf bytes = (ByteBuf) msg;
            batch.add(bytes.retain());
            collectedBytes += bytes.readableBytes();
            return toFar.hasRoomBeside(collectedBytes);
          });
      return batch;
    }

    private void writeFar(List<ByteBuf> batch, int bytes) {
      ChannelFuture last = null;
      for (ByteBuf part : batch) {
        last = far.write(part);
      }
      far.flush();
      if (last != null) {
        last.addListener(done -> written(bytes));
      }
    }

    private void written(int bytes) {
      all.reserve(-bytes);
      if (toFar.remove(bytes)) {
        eventLoop().execute(this::sendOn);
      }
    }

    private void sendOn() {
      waiting = false;
      sendFlushed();
    }

    @Override
    protected void sendEnd() {
      if (isOpen() && far instanceof StreamChannel stream) {
        far.eventLoop()
            .execute(
                () ->
                    far.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(sent -> stream.shutdownOutput()));
      }
    }

    @Override
    protected void sendReset() {
      far.eventLoop().execute(Bridge.this::resetFar);
    }

    @Override
    protected void onClosed() {
      all.leaveStream(this);
      far.eventLoop().execute(this::closeFar);
    }

    private void closeFar() {
      if (far.isOpen()) {
        far.config().setAutoRead(true);
        far.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> far.close());
        Future<?> limit =
            far.eventLoop().schedule(Bridge.this::resetFar, LINGER_SECONDS, TimeUnit.SECONDS);
        far.closeFuture().addListener(closed -> limit.cancel(false));
      }
    }

    @Override
    protected SocketAddress localAddress0() {
      return far.localAddress();
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return far.remoteAddress();
    }
  }
}
