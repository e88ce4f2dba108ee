// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.micro;

import io.github.harp.tunnel.yamux.YamuxSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One frame of a stream, in and out of a session, without the connection underneath. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before anything else.
public class YamuxBenchmark {
  private static final int HEADER_BYTES = 12;
  private static final int WINDOW_UPDATE_WITH_SYN = 0x0001_0001;

  /** Payload of a frame. */
  @Param({"100", "16384"})
  public int payloadBytes;

  private final Acceptor acceptor = new Acceptor();
  private EmbeddedChannel connection;
  private ByteBuf frame;
  private ByteBuf payload;
  private ByteBuf credit;

  /** Opens a session with one stream, as its client would. */
  @Setup
  public void open() {
    connection = new EmbeddedChannel(YamuxSession.server(new YamuxSession.Options(), acceptor));
    connection.writeInbound(header(WINDOW_UPDATE_WITH_SYN, 0));
    connection.releaseOutbound();
    payload = ByteBufAllocator.DEFAULT.directBuffer(payloadBytes).writeZero(payloadBytes);
    frame = header(0, payloadBytes).writeBytes(payload.duplicate());
    credit = header(0x0001_0000, payloadBytes);
  }

  /** Frees what {@link #open} took. */
  @TearDown
  public void close() {
    if (!acceptor.stream.isActive()) {
      throw new IllegalStateException("the session did not survive: nothing was measured");
    }
    frame.release();
    payload.release();
    credit.release();
    connection.finishAndReleaseAll();
  }

  /**
   * A frame arrives, its payload reaches the stream's pipeline, credit goes back when it is due.
   */
  @Benchmark
  public boolean receive() {
    connection.writeInbound(frame.retainedDuplicate());
    return connection.releaseOutbound();
  }

  /** The stream sends a payload, and its peer grants credit for the next one. */
  @Benchmark
  public boolean send() {
    acceptor.stream.writeAndFlush(payload.retainedDuplicate());
    connection.writeInbound(credit.retainedDuplicate());
    return connection.releaseOutbound();
  }

  private static ByteBuf header(int typeAndFlags, int length) {
    return ByteBufAllocator.DEFAULT
        .directBuffer(HEADER_BYTES)
        .writeInt(typeAndFlags)
        .writeInt(1)
        .writeInt(length);
  }

  /** Keeps the stream, and drops what it receives. */
  @Sharable
  @SuppressWarnings("NullAway.Init") // The stream is opened in the benchmark's set-up.
  private static final class Acceptor extends ChannelInboundHandlerAdapter {
    private Channel stream;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      stream = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ((ByteBuf) message).release();
    }
  }
}
