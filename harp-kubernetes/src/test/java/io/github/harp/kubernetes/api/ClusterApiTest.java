// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.github.harp.core.runtime.orders.OrderLocks.Held;
import java.lang.reflect.Proxy;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Once the lock may be another node's, nothing more is asked for or changed. */
class ClusterApiTest {

  private static final Held LOST =
      new Held() {
        @Override
        public void requireHeld() {
          throw new IllegalStateException("another node may be at it");
        }

        @Override
        public void close() {}
      };

  /** What is there is given to whoever wants to change it. */
  @SuppressWarnings("unchecked")
  private static Resource<Secret> secret() {
    return (Resource<Secret>)
        Proxy.newProxyInstance(
            Resource.class.getClassLoader(),
            new Class<?>[] {Resource.class},
            (self, method, arguments) ->
                ((UnaryOperator<Secret>) arguments[0]).apply(new Secret()));
  }

  @Test
  void noCallIsMade() {
    try (var client = new KubernetesClientBuilder().build()) {
      var api = new ClusterApi(client, LOST);
      assertThatThrownBy(api::client).hasMessage("another node may be at it");
    }
  }

  @Test
  void whatWasReadIsNotChanged() {
    try (var client = new KubernetesClientBuilder().build()) {
      var api = new ClusterApi(client, LOST);
      assertThatThrownBy(() -> api.edit(secret(), there -> there))
          .hasMessage("another node may be at it");
    }
  }
}
