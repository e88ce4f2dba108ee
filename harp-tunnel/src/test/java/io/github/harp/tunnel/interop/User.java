// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;

/** Somebody who connects to a remote port. */
public final class User implements AutoCloseable {

  private static final int CHUNK_BYTES = 64 * 1024;

  private final Socket socket;

  private User(Socket socket) {
    this.socket = socket;
  }

  public static User connect(int port) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return new User(socket);
  }

  /** Sends a line and expects it back. */
  public User echo(String text) throws IOException {
    var bytes = text.getBytes(UTF_8);
    socket.getOutputStream().write(bytes);
    assertThat(new String(socket.getInputStream().readNBytes(bytes.length), UTF_8)).isEqualTo(text);
    return this;
  }

  /** Sends this many random bytes while reading them back, and compares checksums. */
  public void echoBytes(long bytes, long seed) throws Exception {
    var sent = new CRC32();
    var sending =
        CompletableFuture.runAsync(
            () -> {
              try {
                send(bytes, seed, sent);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    var received = new CRC32();
    var buffer = new byte[CHUNK_BYTES];
    for (long left = bytes; left > 0; ) {
      int read = socket.getInputStream().read(buffer, 0, (int) Math.min(buffer.length, left));
      assertThat(read).as("bytes left: %d", left).isPositive();
      received.update(buffer, 0, read);
      left -= read;
    }
    sending.get();
    assertThat(received.getValue()).isEqualTo(sent.getValue());
  }

  private void send(long bytes, long seed, CRC32 checksum) throws IOException {
    var random = new Random(seed);
    var buffer = new byte[CHUNK_BYTES];
    random.nextBytes(buffer);
    for (long left = bytes; left > 0; ) {
      buffer[random.nextInt(buffer.length)]++;
      int chunk = (int) Math.min(buffer.length, left);
      checksum.update(buffer, 0, chunk);
      socket.getOutputStream().write(buffer, 0, chunk);
      left -= chunk;
    }
  }

  /** Sends for as long as the other side takes it, and reads nothing. */
  public void floodWithoutReading() {
    var flood =
        new Thread(
            () -> {
              try {
                send(Long.MAX_VALUE, 1, new CRC32());
              } catch (IOException expected) {
                // Closed at the end of the test.
              }
            });
    flood.setDaemon(true);
    flood.start();
  }

  /** Leaves as a crashed program does, with a reset. */
  public void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Whether the connection ends without another byte. */
  public boolean meetsTheEnd() throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
