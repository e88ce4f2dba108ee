// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.load.requests;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests at a fixed rate, whatever the answers do (open loop). Each is timed from the moment when
 * it was due, so that a system that stalls pays for every request that had to wait.
 */
final class SteadyRate {
  private static final long PAUSE_NANOS = 20_000;
  private static final long DRAIN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);

  private final Target target;
  private final byte[] request;
  private final int connections;
  private final Histogram latencies = new Histogram(3);
  private final ArrayDeque<Connection> free = new ArrayDeque<>();
  private final ArrayDeque<Long> overdue = new ArrayDeque<>();

  SteadyRate(Target target, String resource, int connections) {
    this.target = target;
    this.request =
        (target.requestHead("GET", resource) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    this.connections = connections;
  }

  /** What a run says of latency, in microseconds. */
  Sample sample(double perSecond, Duration duration) {
    var nanos = run(perSecond, duration);
    return new Sample(
        nanos.getTotalCount(),
        0,
        Map.of(
            Metric.REQUESTS,
            nanos.getTotalCount() / (duration.toMillis() / 1e3),
            Metric.P50,
            nanos.getValueAtPercentile(50) / 1e3,
            Metric.P99,
            nanos.getValueAtPercentile(99) / 1e3,
            Metric.P999,
            nanos.getValueAtPercentile(99.9) / 1e3,
            Metric.WORST,
            nanos.getMaxValue() / 1e3));
  }

  /** Latencies in nanoseconds, of all requests that were due within the duration. */
  Histogram run(double perSecond, Duration duration) {
    var opened = new ArrayList<SocketChannel>();
    try (var selector = Selector.open()) {
      try {
        for (int i = 0; i < connections; i++) {
          var channel = SocketChannel.open(target.address());
          opened.add(channel);
          channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
          channel.configureBlocking(false);
          free.add(new Connection(channel));
          channel.register(selector, SelectionKey.OP_READ, free.peekLast());
        }
        loop(selector, (long) (1e9 / perSecond), duration.toNanos());
      } finally {
        for (var channel : opened) {
          channel.close();
        }
      }
    } catch (IOException e) {
      throw new BenchException("load at a steady rate on port " + target.port() + " failed", e);
    }
    return latencies;
  }

  private void loop(Selector selector, long interval, long duration) throws IOException {
    long start = System.nanoTime();
    long due = start;
    while (due < start + duration || !overdue.isEmpty() || free.size() < connections) {
      long now = System.nanoTime();
      if (now > start + duration + DRAIN_NANOS) {
        throw new IOException(overdue.size() + " requests were still waiting 5 s after the end");
      }
      for (; due <= now && due < start + duration; due += interval) {
        overdue.add(due);
      }
      while (!overdue.isEmpty() && !free.isEmpty()) {
        free.poll().send(overdue.poll());
      }
      if (selector.selectNow() == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
        continue;
      }
      for (var key : selector.selectedKeys()) {
        ((Connection) key.attachment()).read();
      }
      selector.selectedKeys().clear();
    }
  }

  /** One connection with at most one request on the way. */
  private final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer out = ByteBuffer.allocateDirect(request.length).put(request);
    private final ByteBuffer in = ByteBuffer.allocateDirect(8192);
    private long due;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void send(long due) throws IOException {
      this.due = due;
      in.clear();
      out.clear();
      if (channel.write(out) < request.length) {
        throw new IOException("a request of " + request.length + " bytes did not fit the socket");
      }
    }

    void read() throws IOException {
      if (channel.read(in) < 0) {
        throw new IOException("the connection was closed in the middle of an answer");
      }
      if (isComplete()) {
        latencies.recordValue(System.nanoTime() - due);
        free.add(this);
      }
    }

    private boolean isComplete() throws IOException {
      if (in.position() >= 12 && in.get(9) != '2') {
        throw new IOException("the answer is not a success but " + (char) in.get(9) + "xx");
      }
      int length = -1;
      for (int i = 3; i < in.position(); i++) {
        if (in.get(i - 3) == '\r'
            && in.get(i - 2) == '\n'
            && in.get(i - 1) == '\r'
            && in.get(i) == '\n') {
          return length >= 0 && in.position() >= i + 1 + length;
        }
        if (length < 0 && startsLength(i)) {
          length = number(i + LENGTH.length);
        }
      }
      return false;
    }

    private boolean startsLength(int at) {
      if (in.get(at - 1) != '\n' || at + LENGTH.length >= in.position()) {
        return false;
      }
      for (int i = 0; i < LENGTH.length; i++) {
        if ((in.get(at + i) | 0x20) != (LENGTH[i] | 0x20)) {
          return false;
        }
      }
      return true;
    }

    private int number(int at) {
      int value = 0;
      for (int i = at; i < in.position() && in.get(i) >= '0' && in.get(i) <= '9'; i++) {
        value = value * 10 + in.get(i) - '0';
      }
      return value;
    }
  }
}
