// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.peer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/**
 * A connection with the other peer. One thread reads, one writes; any may close it or ask how long
 * nothing has moved.
 */
public final class Peer implements AutoCloseable {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket wire;
  private final Course course;
  private final DataInputStream in;
  private final DataOutputStream out;
  private volatile long movedAt = System.nanoTime();

  /**
   * @param wire what is closed
   * @param secured what is read and written, on top of it
   */
  Peer(Socket wire, Socket secured, Course course) throws IOException {
    this.wire = wire;
    this.course = course;
    this.in = new DataInputStream(new BufferedInputStream(new Noted(secured.getInputStream())));
    this.out =
        new DataOutputStream(
            new BufferedOutputStream(new Noting(secured.getOutputStream()), BUFFER_BYTES));
  }

  public DataInputStream in() {
    return in;
  }

  /** Buffered. */
  public DataOutputStream out() {
    return out;
  }

  public Course course() {
    return course;
  }

  /** How long no byte has come or gone. */
  public long silentSeconds() {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - movedAt);
  }

  /** Whoever reads or writes fails. */
  @Override
  public void close() {
    Introduction.close(wire);
  }

  private final class Noted extends FilterInputStream {

    Noted(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var read = in.read(bytes, offset, length);
      movedAt = System.nanoTime();
      return read;
    }
  }

  private final class Noting extends FilterOutputStream {

    Noting(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      movedAt = System.nanoTime();
    }
  }
}
