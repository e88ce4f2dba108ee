// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import io.github.harp.core.key.HmacSha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import javax.crypto.Mac;

/**
 * Turns credentials into cache keys with a secret of this process: they stand for a caller, and
 * nobody who sees one can find the cookie. Thread-safe.
 */
final class CallerKeys {
  /** Half of a keyed hash, which is enough never to meet another. */
  record CallerKey(long high, long low) {}

  private static final int SECRET_BYTES = 32;
  private static final byte COOKIE = 1;
  private static final byte AUTHORIZATION = 2;

  private final ThreadLocal<Mac> macs;

  CallerKeys() {
    var secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    macs = ThreadLocal.withInitial(() -> HmacSha256.with(secret));
  }

  CallerKey of(Credentials credentials) {
    var mac = macs.get();
    for (var i = 0; i < credentials.cookies().size(); i++) {
      update(mac, COOKIE, credentials.cookies().get(i));
    }
    var authorization = credentials.authorization();
    if (authorization != null) {
      update(mac, AUTHORIZATION, authorization);
    }
    var hash = ByteBuffer.wrap(mac.doFinal());
    return new CallerKey(hash.getLong(), hash.getLong());
  }

  /** With kind and length in front, so that no two sets of headers hash the same bytes. */
  private static void update(Mac mac, byte kind, String value) {
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    mac.update(kind);
    mac.update((byte) (bytes.length >>> 16));
    mac.update((byte) (bytes.length >>> 8));
    mac.update((byte) bytes.length);
    mac.update(bytes);
  }
}
