// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.micro;

import io.github.harp.tunnel.frp.stream.CfbCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** frp's encryption of a proxy's payload, 16 KiB at a time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CfbBenchmark {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int IV_BYTES = 16;

  private final EmbeddedChannel channel = new EmbeddedChannel(CfbCipher.forToken("bench"));
  private final ByteBuf chunk =
      ByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES).writeZero(CHUNK_BYTES);

  /** Sends the initialisation vectors, so that only payload is left. */
  @Setup
  public void open() {
    channel.writeInbound(ByteBufAllocator.DEFAULT.buffer(IV_BYTES).writeZero(IV_BYTES));
    encrypt();
  }

  /** Frees what the state holds. */
  @TearDown
  public void close() {
    chunk.release();
    channel.finishAndReleaseAll();
  }

  /** Towards the peer. */
  @Benchmark
  public int encrypt() {
    channel.writeOutbound(chunk.retainedDuplicate());
    return release(channel.readOutbound());
  }

  /** From the peer. */
  @Benchmark
  public int decrypt() {
    channel.writeInbound(chunk.retainedDuplicate());
    return release(channel.readInbound());
  }

  private static int release(ByteBuf bytes) {
    int length = bytes.readableBytes();
    bytes.release();
    return length;
  }
}
