// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Mac;

/**
 * A key that is derived from the shared one once, and so slowly (half a second) that what is signed
 * with it is of no use to guess a weak shared key. Thread-safe.
 */
final class StretchedKey {

  /** What OWASP recommends for PBKDF2 with HMAC-SHA256. */
  private static final int ROUNDS = 600_000;

  private static final int BITS = 256;

  private final SharedKey key;
  private final String purpose;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final Promise<byte[]> derived = Promise.promise();

  /**
   * @param purpose the salt: keys for different purposes have nothing in common
   */
  StretchedKey(SharedKey key, String purpose) {
    this.key = key;
    this.purpose = purpose;
  }

  /** Completes when {@link #mac} answers at once; the first call begins the derivation. */
  Future<Void> ready() {
    if (begun.compareAndSet(false, true)) {
      CompletableFuture.runAsync(this::derive);
    }
    return derived.future().mapEmpty();
  }

  private void derive() {
    try {
      derived.complete(key.stretched(purpose, ROUNDS, BITS));
    } catch (RuntimeException e) {
      derived.fail(e);
    }
  }

  /** A MAC under this key, for one thread at a time. Waits for {@link #ready}. */
  Mac mac() {
    ready();
    return HmacSha256.with(derived.future().toCompletionStage().toCompletableFuture().join());
  }
}
