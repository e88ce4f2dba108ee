// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The other end of a session under test: sends bytes given in hex and shows what comes back in hex.
 */
final class RawPeer {

  private static final int MOST_TEXT = 64 * 1024;

  final EmbeddedChannel connection;
  final YamuxSession session;
  final List<AcceptedStream> accepted = new ArrayList<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private int room = Integer.MAX_VALUE;

  private RawPeer(YamuxSession.Options options, boolean ofServer) {
    session =
        ofServer ? YamuxSession.server(options, new Acceptor()) : YamuxSession.client(options);
    connection = new EmbeddedChannel();
    connection.freezeTime();
    connection.pipeline().addLast(new Recorder(), session);
  }

  static RawPeer ofServer(YamuxSession.Options options) {
    return new RawPeer(options, true);
  }

  static RawPeer ofServer() {
    return ofServer(new YamuxSession.Options());
  }

  static RawPeer ofClient(YamuxSession.Options options) {
    return new RawPeer(options, false);
  }

  RawPeer sends(String... hexFrames) {
    for (String hex : hexFrames) {
      sendsBytes(bytes(hex));
    }
    return this;
  }

  RawPeer sendsBytes(ByteBuf bytes) {
    connection.writeInbound(bytes);
    connection.runPendingTasks();
    return this;
  }

  /** A data frame for a stream. */
  RawPeer sendsData(int stream, byte[] payload) {
    ByteBuf frame = Unpooled.buffer();
    FrameHeader.write(frame, FrameHeader.TYPE_DATA, 0, stream, payload.length);
    frame.writeBytes(payload);
    return sendsBytes(frame);
  }

  /** The event loop has looked at its other channels. */
  void othersHadTheirTurn() {
    connection.advanceTimeBy(1, TimeUnit.NANOSECONDS);
    connection.runPendingTasks();
  }

  /** Everything written since the last call. */
  String received() {
    return ByteBufUtil.hexDump(receivedBytes());
  }

  byte[] receivedBytes() {
    connection.runPendingTasks();
    byte[] all = written.toByteArray();
    written.reset();
    return all;
  }

  /** Whether the connection takes no more bytes, as when TCP is full. */
  void stallsTheConnection(boolean stalled) {
    connection.unsafe().outboundBuffer().setUserDefinedWritability(1, !stalled);
    connection.runPendingTasks();
  }

  /** From now on the connection takes so many bytes, and is full then. */
  void takesOnly(int bytes) {
    room = bytes;
    stallsTheConnection(bytes <= 0);
    int before;
    do {
      before = written.size();
      othersHadTheirTurn();
    } while (written.size() > before);
  }

  boolean isDisconnected() {
    return !connection.isOpen();
  }

  RawPeer waits(long amount, TimeUnit unit) {
    connection.advanceTimeBy(amount, unit);
    connection.runScheduledPendingTasks();
    connection.runPendingTasks();
    return this;
  }

  AcceptedStream stream(int index) {
    return accepted.get(index);
  }

  static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
  }

  /** What the code behind an accepted stream sees. */
  final class AcceptedStream extends ChannelInboundHandlerAdapter {

    final Channel channel;
    final StringBuilder read = new StringBuilder();
    final List<Object> events = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    int readBytes;
    int batches;
    boolean inactive;

    private AcceptedStream(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf bytes = (ByteBuf) msg;
      readBytes += bytes.readableBytes();
      if (read.length() < MOST_TEXT) {
        read.append(bytes.toString(StandardCharsets.US_ASCII));
      }
      bytes.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      batches++;
      ctx.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      errors.add(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inactive = true;
    }

    void write(String ascii) {
      channel.writeAndFlush(Unpooled.copiedBuffer(ascii, StandardCharsets.US_ASCII));
      connection.runPendingTasks();
    }

    /** One message, of what is there. */
    void fetchOne() {
      channel.read();
      connection.runPendingTasks();
    }

    void setAutoRead(boolean on) {
      channel.config().setAutoRead(on);
      connection.runPendingTasks();
    }
  }

  /** Takes what the session writes. */
  private final class Recorder extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ByteBuf bytes = (ByteBuf) msg;
      written.writeBytes(ByteBufUtil.getBytes(bytes));
      room -= bytes.readableBytes();
      if (room <= 0) {
        connection.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
      }
      bytes.release();
      promise.trySuccess();
    }
  }

  @ChannelHandler.Sharable
  private final class Acceptor extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      AcceptedStream stream = new AcceptedStream(channel);
      accepted.add(stream);
      channel.pipeline().addLast(stream);
    }
  }
}
