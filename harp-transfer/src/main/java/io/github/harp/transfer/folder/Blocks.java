// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.BitSet;

/** The checksums of a file's blocks, as far as they are known, and that of the file, over these. */
public final class Blocks {

  /** Of each block but the last. */
  public static final int BYTES = 4 << 20;

  public static final int DIGEST_BYTES = 32;

  private final long size;
  private final byte[] digests;
  private final BitSet known = new BitSet();

  public Blocks(long size) {
    this.size = size;
    this.digests = new byte[count(size) * DIGEST_BYTES];
  }

  public static int count(long size) {
    return Math.toIntExact((size + BYTES - 1) / BYTES);
  }

  public int count() {
    return digests.length / DIGEST_BYTES;
  }

  public static long start(int block) {
    return (long) block * BYTES;
  }

  public int length(int block) {
    return (int) Math.min(BYTES, size - start(block));
  }

  public void put(int block, byte[] digest) {
    System.arraycopy(digest, 0, digests, block * DIGEST_BYTES, DIGEST_BYTES);
    known.set(block);
  }

  /** The first from there on that is not known; their number if there is none. */
  public int firstUnknown(int from) {
    return Math.min(known.nextClearBit(from), count());
  }

  /** The first from there on that is known; their number if there is none. */
  public int firstKnown(int from) {
    var found = known.nextSetBit(from);
    return found < 0 ? count() : found;
  }

  public boolean areAllKnown() {
    return firstUnknown(0) == count();
  }

  public long bytesUnknown() {
    long bytes = 0;
    for (var block = firstUnknown(0); block < count(); block = firstUnknown(block + 1)) {
      bytes += length(block);
    }
    return bytes;
  }

  public void forget(int block) {
    known.clear(block);
  }

  public byte[] get(int block) {
    return Arrays.copyOfRange(digests, block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES);
  }

  /** Of the whole file. */
  public byte[] sum() {
    return newDigest().digest(digests);
  }

  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
