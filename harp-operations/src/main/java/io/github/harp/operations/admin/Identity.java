// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.key.HmacSha256;
import io.github.harp.core.key.SharedKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a command recognises the gateway of its own environment before it shows it the key: it sends
 * a nonce, and the gateway's proof is a MAC of that. The MAC's key takes tens of milliseconds to
 * derive, so that a proof is of no use to guess a weak shared key. Thread-safe.
 */
public final class Identity {

  /** The header that asks for a proof. */
  public static final String NONCE = "harp-nonce";

  /** The header that holds it. */
  public static final String PROOF = "harp-proof";

  private static final String SALT = "harp admin end-point";
  private static final int BITS = 256;
  private static final int NONCE_BYTES = 16;

  private final SharedKey key;
  private byte @Nullable [] derived;

  public Identity(SharedKey key) {
    this.key = key;
  }

  /** One that was never used before. */
  public static String newNonce() {
    var bytes = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** What only somebody with the same key can answer to this nonce. Slow the first time. */
  String proof(String nonce) {
    return HexFormat.of()
        .formatHex(HmacSha256.with(derived()).doFinal(nonce.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether somebody with the same key has answered. */
  public boolean isProved(String nonce, String proof) {
    return MessageDigest.isEqual(
        proof(nonce).getBytes(StandardCharsets.UTF_8), proof.getBytes(StandardCharsets.UTF_8));
  }

  private synchronized byte[] derived() {
    var known = derived;
    if (known == null) {
      known = key.stretched(SALT, BITS);
      derived = known;
    }
    return known;
  }
}
