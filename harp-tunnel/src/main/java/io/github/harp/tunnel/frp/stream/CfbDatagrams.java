// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.stream;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * frp's own encryption of single datagrams: each begins with its IV. There is no integrity check,
 * so what is in one has to prove by its content that it is what it seems.
 *
 * @see <a href="https://github.com/fatedier/golib/blob/v0.5.0/crypto/encode.go">golib v0.5.0,
 *     crypto/encode.go</a>
 */
public final class CfbDatagrams {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] key;

  public CfbDatagrams(String token) {
    key = CfbCipher.deriveKey(token);
  }

  public byte[] encrypt(byte[] clear) {
    var iv = new byte[CfbStream.BLOCK_BYTES];
    RANDOM.nextBytes(iv);
    return encrypt(clear, iv);
  }

  byte[] encrypt(byte[] clear, byte[] iv) {
    var datagram = Arrays.copyOf(iv, iv.length + clear.length);
    System.arraycopy(clear, 0, datagram, iv.length, clear.length);
    new CfbStream(key, iv).encrypt(datagram, iv.length, clear.length);
    return datagram;
  }

  /** What is in a datagram; nothing, if it is too short. */
  public byte[] decrypt(byte[] datagram) {
    if (datagram.length <= CfbStream.BLOCK_BYTES) {
      return new byte[0];
    }
    var iv = Arrays.copyOf(datagram, CfbStream.BLOCK_BYTES);
    var clear = Arrays.copyOfRange(datagram, CfbStream.BLOCK_BYTES, datagram.length);
    new CfbStream(key, iv).decrypt(clear, 0, clear.length);
    return clear;
  }
}
