// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.RequestObserver;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NonceWitnessTest extends RequestObserverContract {

  private final NonceWitness witness = new NonceWitness();
  private final String nonce = witness.expect();

  @Override
  protected RequestObserver observer() {
    return witness;
  }

  @Test
  void whatCarriesNoNonceIsNotTheOneAwaited() {
    records().forEach(witness::finished);

    assertThat(witness.await(nonce, Duration.ZERO)).isEmpty();
  }
}
