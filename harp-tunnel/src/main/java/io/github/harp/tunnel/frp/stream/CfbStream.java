// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction of AES-128 in CFB mode with full feedback, byte by byte: any number of bytes in, as
 * many bytes out. The JDK's own CFB holds back partial blocks, which would make a message protocol
 * wait for ever.
 *
 * <p>Not thread-safe.
 */
final class CfbStream {

  static final int BLOCK_BYTES = 16;

  private static final int BATCH_BYTES = 256 * BLOCK_BYTES;

  private final Cipher aes;
  private final byte[] register;
  private final byte[] keystream = new byte[BLOCK_BYTES];
  private int position = BLOCK_BYTES;
  private byte[] batch = new byte[0];
  private byte[] batchKeystream = new byte[0];

  CfbStream(byte[] key, byte[] iv) {
    try {
      aes = Cipher.getInstance("AES/ECB/NoPadding");
      aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no AES, which frp's control channel needs", e);
    }
    register = iv.clone();
  }

  /**
   * Encrypts in place. Each block's key stream depends on the ciphertext before it, so this goes
   * block by block.
   */
  void encrypt(byte[] data, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (position == BLOCK_BYTES) {
        nextKeystream();
      }
      data[i] ^= keystream[position];
      register[position++] = data[i];
    }
  }

  /** Decrypts in place. The ciphertext is all there, so whole blocks go through AES in batches. */
  void decrypt(byte[] data, int offset, int length) {
    int i = offset;
    int end = offset + length;
    while (i < end) {
      if (position == BLOCK_BYTES && end - i >= 2 * BLOCK_BYTES) {
        i += decryptBlocks(data, i, Math.min(end - i, BATCH_BYTES) / BLOCK_BYTES * BLOCK_BYTES);
        continue;
      }
      if (position == BLOCK_BYTES) {
        nextKeystream();
      }
      byte ciphertext = data[i];
      data[i++] = (byte) (ciphertext ^ keystream[position]);
      register[position++] = ciphertext;
    }
  }

  private int decryptBlocks(byte[] data, int offset, int length) {
    if (batch.length < length) {
      batch = new byte[length];
      batchKeystream = new byte[length];
    }
    System.arraycopy(register, 0, batch, 0, BLOCK_BYTES);
    System.arraycopy(data, offset, batch, BLOCK_BYTES, length - BLOCK_BYTES);
    System.arraycopy(data, offset + length - BLOCK_BYTES, register, 0, BLOCK_BYTES);
    aes(batch, batchKeystream, length);
    for (int i = 0; i < length; i++) {
      data[offset + i] ^= batchKeystream[i];
    }
    return length;
  }

  private void nextKeystream() {
    aes(register, keystream, BLOCK_BYTES);
    position = 0;
  }

  private void aes(byte[] from, byte[] to, int length) {
    try {
      aes.update(from, 0, length, to, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
