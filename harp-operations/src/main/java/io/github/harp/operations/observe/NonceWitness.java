// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sees whether a request that was sent out into the world comes back to this HaRP, and how it looks
 * by then. Costs a look at an empty map while nobody waits. Thread-safe.
 */
public final class NonceWitness implements RequestObserver {

  private static final int NONCE_BYTES = 16;

  private final Map<String, CompletableFuture<RequestRecord>> awaited = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  @Override
  public void finished(RequestRecord request) {
    if (awaited.isEmpty()) {
      return;
    }
    awaited.forEach(
        (nonce, arrival) -> {
          if (request.path().contains(nonce)) {
            arrival.complete(request);
          }
        });
  }

  /** A nonce that is looked out for from now on. */
  public String expect() {
    var bytes = new byte[NONCE_BYTES];
    random.nextBytes(bytes);
    var nonce = HexFormat.of().formatHex(bytes);
    awaited.put(nonce, new CompletableFuture<>());
    return nonce;
  }

  /**
   * The request that carried it, empty when none comes within {@code patience}; it is forgotten
   * afterwards.
   */
  public Optional<RequestRecord> await(String nonce, Duration patience) {
    var arrival = awaited.getOrDefault(nonce, new CompletableFuture<>());
    try {
      return Optional.of(arrival.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      awaited.remove(nonce);
    }
  }
}
