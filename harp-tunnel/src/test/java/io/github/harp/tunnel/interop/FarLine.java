// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A long line to a port of loopback: what goes in comes out later, no faster than its rate. It
 * takes as much as is under way on it, and holds back who sends more.
 */
public final class FarLine implements AutoCloseable {

  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int QUEUED_IN_ROUTERS = 16;

  private record Chunk(byte[] bytes, long dueNanos) {}

  private final ServerSocket listener;
  private final int to;
  private final long delayNanos;
  private final long bytesPerSecond;

  public FarLine(int to, long delayMillis, long bytesPerSecond) throws IOException {
    this.to = to;
    this.delayNanos = delayMillis * 1_000_000;
    this.bytesPerSecond = bytesPerSecond;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private static void daemon(Runnable task) {
    var thread = new Thread(task, "far line");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        connect(listener.accept());
      } catch (IOException nobody) {
        // closed, or there is nobody at the other end
      }
    }
  }

  private void connect(Socket near) throws IOException {
    try {
      var far = new Socket(InetAddress.getLoopbackAddress(), to);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      carry(near, far);
      carry(far, near);
    } catch (IOException refused) {
      near.close();
      throw refused;
    }
  }

  private void carry(Socket from, Socket into) {
    int underWay = (int) (bytesPerSecond * delayNanos / 1_000_000_000 / CHUNK_BYTES);
    BlockingQueue<Chunk> line = new ArrayBlockingQueue<>(underWay + QUEUED_IN_ROUTERS);
    daemon(() -> fill(from, line));
    daemon(() -> empty(line, into));
  }

  private void fill(Socket from, BlockingQueue<Chunk> line) {
    try {
      var buffer = new byte[CHUNK_BYTES];
      long free = System.nanoTime();
      int length;
      do {
        length = from.getInputStream().read(buffer);
        var bytes = Arrays.copyOf(buffer, Math.max(0, length));
        free = Math.max(System.nanoTime(), free) + bytes.length * 1_000_000_000L / bytesPerSecond;
        line.put(new Chunk(bytes, free + delayNanos));
      } while (length >= 0);
    } catch (IOException | InterruptedException broken) {
      line.clear();
      line.add(new Chunk(new byte[0], System.nanoTime()));
    }
  }

  private static void empty(BlockingQueue<Chunk> line, Socket into) {
    try (into) {
      for (var chunk = line.take(); chunk.bytes.length > 0; chunk = line.take()) {
        for (long left = chunk.dueNanos - System.nanoTime();
            left > 0;
            left = chunk.dueNanos - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        into.getOutputStream().write(chunk.bytes);
      }
    } catch (IOException | InterruptedException broken) {
      // whoever is at the other end sees it
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
