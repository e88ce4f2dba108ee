// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.zip.CRC32C;

/** Any number of bytes that are the same each time, and do not compress. */
final class Pattern {

  private static final int BLOCK_BYTES = 1 << 20;
  private static final byte[] BLOCK = block();

  private Pattern() {}

  private static byte[] block() {
    byte[] block = new byte[BLOCK_BYTES];
    new Random(42).nextBytes(block);
    return block;
  }

  static void writeTo(OutputStream out, long bytes) throws IOException {
    for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
      out.write(BLOCK, 0, (int) Math.min(left, BLOCK_BYTES));
    }
  }

  static long checksum(long bytes) {
    CRC32C checksum = new CRC32C();
    for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
      checksum.update(BLOCK, 0, (int) Math.min(left, BLOCK_BYTES));
    }
    return checksum.getValue();
  }

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = BLOCK[i % BLOCK_BYTES];
    }
    return bytes;
  }
}
