// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import io.github.harp.transfer.TransferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;

/** A file that is not whole yet, and which of its blocks are there. On one thread. */
public final class Part implements AutoCloseable {

  private static final Set<OpenOption> HOW =
      Set.of(
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.CREATE,
          LinkOption.NOFOLLOW_LINKS);

  private final Entry entry;
  private final Path path;
  private final FileChannel file;
  private final Blocks blocks;

  private Part(Entry entry, Path path, FileChannel file) {
    this.entry = entry;
    this.path = path;
    this.file = file;
    this.blocks = new Blocks(entry.size());
  }

  static Part open(Entry entry, Path path) throws TransferException {
    try {
      return new Part(entry, path, FileChannel.open(path, HOW));
    } catch (IOException e) {
      throw TargetFolder.failed(path, e);
    }
  }

  public Entry entry() {
    return entry;
  }

  Path path() {
    return path;
  }

  /** Which are there, as this side knows by their checksums. */
  public Blocks blocks() {
    return blocks;
  }

  /** How many of the first blocks an earlier try may have left. */
  public int blocksWritten() throws TransferException {
    return Math.min(Blocks.count(length()), blocks.count());
  }

  private long length() throws TransferException {
    try {
      return file.size();
    } catch (IOException e) {
      throw TargetFolder.failed(path, e);
    }
  }

  public void write(long from, byte[] bytes, int length) throws TransferException {
    var left = ByteBuffer.wrap(bytes, 0, length);
    try {
      while (left.hasRemaining()) {
        file.write(left, from + left.position());
      }
    } catch (IOException e) {
      throw TargetFolder.failed(path, e);
    }
  }

  /** What nobody has written yet stays a hole. */
  public void writeZeros(long from, byte[] zeros, int length) throws TransferException {
    if (from < length()) {
      write(from, zeros, length);
    }
  }

  /** Of a block as it is on the disk; too short a file ends in zeros. */
  public byte[] checksum(int block, byte[] buffer, MessageDigest digest) throws TransferException {
    digest.reset();
    var at = Blocks.start(block);
    for (var left = blocks.length(block); left > 0; ) {
      var into = ByteBuffer.wrap(buffer, 0, Math.min(left, buffer.length));
      fill(into, at);
      Arrays.fill(buffer, into.position(), into.limit(), (byte) 0);
      digest.update(buffer, 0, into.limit());
      left -= into.limit();
      at += into.limit();
    }
    return digest.digest();
  }

  private void fill(ByteBuffer into, long from) throws TransferException {
    try {
      while (into.hasRemaining() && file.read(into, from + into.position()) >= 0) {
        // Until it is full, or the file ends.
      }
    } catch (IOException e) {
      throw TargetFolder.failed(path, e);
    }
  }

  /** Makes it as long as it is to be, and has it on the disk. */
  void complete() throws IOException, TransferException {
    if (file.size() < entry.size()) {
      write(entry.size() - 1, new byte[1], 1);
    }
    file.truncate(entry.size());
    file.force(false);
    file.close();
  }

  @Override
  public void close() throws TransferException {
    try {
      file.close();
    } catch (IOException e) {
      throw TargetFolder.failed(path, e);
    }
  }
}
