// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A line between two peers that is cut, or held for a while, when so many bytes have passed. */
final class Line implements AutoCloseable {

  private final ServerSocket listener;
  private final int target;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicLong passed = new AtomicLong();
  private final AtomicLong cutAt;
  private final CountDownLatch held = new CountDownLatch(1);
  private volatile long holdAt = Long.MAX_VALUE;
  private final AtomicInteger connections = new AtomicInteger();

  Line(int target, long cutAt) throws IOException {
    this.target = target;
    this.cutAt = new AtomicLong(cutAt);
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Nothing passes any more from there on. */
  Line heldAt(long bytes) {
    holdAt = bytes;
    return this;
  }

  void release() {
    held.countDown();
  }

  /** In both directions. */
  long passed() {
    return passed.get();
  }

  int connections() {
    return connections.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var one = listener.accept();
        var other = new Socket();
        other.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
        connections.incrementAndGet();
        threads.execute(() -> pass(one, other));
        threads.execute(() -> pass(other, one));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void pass(Socket from, Socket to) {
    var chunk = new byte[16_384];
    try (from;
        to) {
      for (var read = from.getInputStream().read(chunk);
          read >= 0;
          read = from.getInputStream().read(chunk)) {
        to.getOutputStream().write(chunk, 0, read);
        if (passed.get() > holdAt) {
          held.await();
        }
        if (passed.addAndGet(read) > cutAt.get()) {
          cutAt.set(Long.MAX_VALUE);
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // Cut.
    }
  }

  @Override
  public void close() throws IOException {
    release();
    listener.close();
    threads.shutdownNow();
  }
}
