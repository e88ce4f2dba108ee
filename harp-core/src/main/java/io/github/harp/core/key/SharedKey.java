// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key that AppAPI and HaRP share: whoever presents it may give orders. Compares in constant
 * time and never prints itself. Thread-safe.
 */
public final class SharedKey {
  private static final String FINGERPRINT_SALT = "harp key fingerprint";
  private static final String STRETCHING = "PBKDF2WithHmacSHA256";

  /** Tens of milliseconds. */
  private static final int ROUNDS = 20_000;

  private static final int FINGERPRINT_BITS = 32;

  private final String value;
  private final byte[] hash;

  private SharedKey(String value) {
    this.value = value;
    this.hash = sha256(value);
  }

  /**
   * The key with this text.
   *
   * @throws IllegalArgumentException when it is empty: an absent header must never match
   */
  public static SharedKey of(String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(
          "shared key: found an empty text, expected at least one character");
    }
    return new SharedKey(value);
  }

  /** Whether this is the key; false for {@code null}, an absent header. */
  public boolean matches(@Nullable String presented) {
    return presented != null && MessageDigest.isEqual(hash, sha256(presented));
  }

  /** The text itself, for the one place that sends it. */
  public String reveal() {
    return value;
  }

  /**
   * Eight hex digits to compare two keys by eye. Slow on purpose (tens of milliseconds): it must
   * not help to guess a weak key.
   */
  public String fingerprint() {
    return HexFormat.of().formatHex(stretched(FINGERPRINT_SALT, FINGERPRINT_BITS));
  }

  /**
   * What PBKDF2 with HMAC-SHA256 makes of it. Slow on purpose (tens of milliseconds): never on an
   * event loop.
   */
  public byte[] stretched(String salt, int bits) {
    return stretched(salt, ROUNDS, bits);
  }

  byte[] stretched(String salt, int rounds, int bits) {
    try {
      var spec =
          new PBEKeySpec(
              value.toCharArray(), salt.getBytes(StandardCharsets.US_ASCII), rounds, bits);
      return SecretKeyFactory.getInstance(STRETCHING).generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(STRETCHING + " is missing from this Java runtime", e);
    }
  }

  /** A MAC under a key derived from this one; different purposes never share MACs. */
  Mac mac(String purpose) {
    return HmacSha256.with(
        HmacSha256.with(value.getBytes(StandardCharsets.UTF_8))
            .doFinal(purpose.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SharedKey key && MessageDigest.isEqual(hash, key.hash);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hash);
  }

  @Override
  public String toString() {
    return "***";
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }
}
