// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.frp.v2;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The records of one direction: record {@code i} uses the stream's nonce plus {@code i}. Not
 * thread-safe.
 */
final class AeadRecords {

  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;

  /** More records under one key would weaken GCM; frp stops there, too. */
  private static final long MAX_RECORDS = 1L << 32;

  private final Cipher gcm;
  private final SecretKeySpec key;
  private final byte[] streamNonce;
  private final byte[] recordNonce;
  private long records;

  AeadRecords(byte[] key, byte[] nonce) {
    try {
      this.gcm = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
    this.key = new SecretKeySpec(key, "AES");
    this.streamNonce = nonce.clone();
    this.recordNonce = nonce.clone();
  }

  byte[] seal(byte[] plain) throws GeneralSecurityException {
    return apply(Cipher.ENCRYPT_MODE, plain, plain.length + TAG_BYTES);
  }

  byte[] open(byte[] sealed) throws GeneralSecurityException {
    return apply(Cipher.DECRYPT_MODE, sealed, sealed.length);
  }

  private byte[] apply(int mode, byte[] input, int recordLength) throws GeneralSecurityException {
    if (records == MAX_RECORDS) {
      throw new GeneralSecurityException("more than 2^32 records under one key");
    }
    gcm.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, recordNonce));
    gcm.updateAAD(streamNonce);
    gcm.updateAAD(ByteBuffer.allocate(4).putInt(0, recordLength));
    var output = gcm.doFinal(input);
    nextNonce();
    return output;
  }

  private void nextNonce() throws GeneralSecurityException {
    records++;
    for (int i = NONCE_BYTES - 1; i >= 0; i--) {
      if (++recordNonce[i] != 0) {
        return;
      }
    }
    throw new GeneralSecurityException("the record counter overflowed");
  }
}
