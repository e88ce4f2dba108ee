// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.kubernetes.KubernetesCluster.DialIn;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** What tests order of a cluster. */
public final class InCluster {

  private InCluster() {}

  /** For ExApps whose environment lets them dial in: that is left as it is. */
  public static final DialIn TUNNELS =
      new DialIn(
          ExAppCredentials.sharedKey(),
          () -> List.of(new TunnelFile("ca.crt", "authority".getBytes(UTF_8), false)));

  /** What one of them is told. */
  public static final String[] DIALS_IN = {
    "HP_FRP_ADDRESS=10.98.0.1", "HP_FRP_PORT=8782", "HP_SHARED_KEY=token"
  };

  public static ExAppName newName() {
    return new ExAppName(new AppId("t" + UUID.randomUUID().toString().substring(0, 8)));
  }

  public static ExAppSpec spec(ExAppName name) {
    return spec(name, RealCluster.IMAGE, ComputeDevice.CPU);
  }

  public static ExAppSpec spec(
      ExAppName name, String image, ComputeDevice device, String... environment) {
    var all = new ArrayList<String>();
    all.add("APP_ID=" + name.id());
    all.add("APP_PORT=23000");
    all.addAll(List.of(environment));
    return new ExAppSpec(
        name,
        image,
        new ContainerEnvironment(all),
        device,
        ResourceLimits.NONE,
        new EngineOptions());
  }

  public static Exposure exposure(ExAppName name, Type type) {
    return exposure(
        name,
        type,
        Optional.empty(),
        new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()));
  }

  public static Exposure exposure(
      ExAppName name, Type type, Optional<String> host, Exposure.Node node) {
    return new Exposure(
        name,
        type,
        23000,
        host,
        OptionalInt.empty(),
        new Exposure.Service(
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of()),
        node,
        Duration.ofSeconds(1),
        Duration.ofMillis(200));
  }

  public static void assertFails(Future<?> order, Code code, String... says) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(order))
        .satisfies(
            failure -> {
              assertThat(failure.getMessage()).contains(says);
              assertThat(failure.code()).isEqualTo(code);
            });
  }

  public static <T> T get(Future<T> order) throws Exception {
    return order.await(120, TimeUnit.SECONDS);
  }
}
