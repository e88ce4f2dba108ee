// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.harp.core.key.HmacSha256;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What whoever can write to Redis, and has not the shared key, can neither read nor make: AES-GCM
 * under keys that are derived from a secret by HKDF (RFC 5869).
 *
 * <p>Each writer has a random name and numbers what it writes. Its key is derived from that name,
 * the number is the nonce, so no nonce is ever used twice; and name, number and the place where it
 * is to stand are authentic: what was moved, or stands there a second time, is recognised.
 * Thread-safe.
 */
public final class Seal {

  private static final int WRITER_BYTES = 16;
  private static final int HEAD_BYTES = WRITER_BYTES + Long.BYTES;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final byte FIRST_BLOCK = 1;

  /** By how many bytes what is sealed is longer than it was. */
  public static final int MORE_BYTES = HEAD_BYTES + TAG_BITS / Byte.SIZE;

  private final byte[] secret;

  /**
   * @param secret at least as strong as a key of 256 bits
   */
  public Seal(byte[] secret) {
    this.secret = secret.clone();
  }

  /**
   * What was sealed.
   *
   * @param writer the name of who did
   * @param number how many that one had sealed then, this one included
   */
  public record Opened(String writer, long number, byte[] content) {}

  /** Somebody with a name of its own who seals for one place. For one thread at a time. */
  public final class Writer {
    private final byte[] name = new byte[WRITER_BYTES];
    private final String place;
    private final SecretKeySpec key;
    private long number;

    private Writer(String place) {
      new SecureRandom().nextBytes(name);
      this.place = place;
      this.key = key(name);
    }

    public String name() {
      return HexFormat.of().formatHex(name);
    }

    public byte[] seal(byte[] content) {
      number++;
      try {
        var cipher = cipher(Cipher.ENCRYPT_MODE, key, number, place);
        var sealed = ByteBuffer.allocate(HEAD_BYTES + cipher.getOutputSize(content.length));
        sealed.put(name).putLong(number);
        cipher.doFinal(ByteBuffer.wrap(content), sealed);
        return sealed.array();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("AES-GCM broke", e);
      }
    }
  }

  /** Eight hex digits that all with the same secret have in common; of no use to guess it. */
  public String name() {
    return alias("harp cluster name", Integer.BYTES);
  }

  /** What this is called among those with the same secret; tells nobody else what it is. */
  public String alias(String what) {
    return alias("alias of " + what, WRITER_BYTES);
  }

  private String alias(String what, int bytes) {
    return HexFormat.of()
        .formatHex(HmacSha256.with(secret).doFinal(what.getBytes(UTF_8)), 0, bytes);
  }

  public Writer writer(String place) {
    return new Writer(place);
  }

  /** Empty for what nobody with the secret has sealed for this place. */
  public Optional<Opened> open(String place, byte[] sealed) {
    if (sealed.length < MORE_BYTES) {
      return Optional.empty();
    }
    var bytes = ByteBuffer.wrap(sealed);
    var name = new byte[WRITER_BYTES];
    bytes.get(name);
    var number = bytes.getLong();
    try {
      var cipher = cipher(Cipher.DECRYPT_MODE, key(name), number, place);
      var content = cipher.doFinal(sealed, HEAD_BYTES, sealed.length - HEAD_BYTES);
      return Optional.of(new Opened(HexFormat.of().formatHex(name), number, content));
    } catch (GeneralSecurityException notOurs) {
      return Optional.empty();
    }
  }

  private static Cipher cipher(int mode, SecretKeySpec key, long number, String place)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    var nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(NONCE_BYTES - Long.BYTES, number).array();
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(place.getBytes(UTF_8));
    return cipher;
  }

  private SecretKeySpec key(byte[] writer) {
    var extracted = HmacSha256.with(writer).doFinal(secret);
    var expansion = HmacSha256.with(extracted);
    expansion.update("harp cluster seal".getBytes(UTF_8));
    expansion.update(FIRST_BLOCK);
    return new SecretKeySpec(expansion.doFinal(), "AES");
  }
}
