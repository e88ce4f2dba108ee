// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.testing.RealCluster;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What somebody else has made under a name of ours. */
class ForeignObjectsTest extends OnARealCluster {

  private final ExAppName name = newName();
  private final Markings markings = new Markings(name);

  @Test
  void aDeploymentRefusesAllOrdersAndStaysAsItIs() {
    kubectl("create", "deployment", markings.deployment(), "--image=x", "--replicas=0");
    var before = uidAndVersionOf("deployment", markings.deployment());

    var orders =
        List.<Supplier<Future<?>>>of(
            () -> runtime().find(name),
            () -> runtime().create(spec(name)),
            () -> runtime().start(name),
            () -> runtime().stop(name),
            () -> runtime().awaitStart(name),
            () ->
                runtime()
                    .installCertificates(name, new CertificateInstallation(Optional.empty(), true)),
            () -> runtime().expose(exposure(name, Type.CLUSTERIP)),
            () -> runtime().expose(exposure(name, Type.NODEPORT)),
            () -> runtime().remove(name, true));
    for (var order : orders) {
      assertFails(order.get(), Code.CONFLICT, "is somebody else's");
    }

    assertThat(uidAndVersionOf("deployment", markings.deployment())).isEqualTo(before);
    assertThat(kubectl("get", "pvc,service", "-o", "name")).isBlank();
  }

  @Test
  void aSecretIsNotTakenOver() {
    var secret = markings.tunnelFiles();
    kubectl("create", "secret", "generic", secret, "--from-literal=ca.crt=theirs");
    var before = uidAndVersionOf("secret", secret);

    assertFails(
        runtime().create(spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN)),
        Code.CONFLICT,
        "somebody else's secret",
        secret);

    assertThat(uidAndVersionOf("secret", secret)).isEqualTo(before);
    assertThat(kubectl("get", "deployment,pvc", "-o", "name")).isBlank();
  }

  @Test
  void aVolumeClaimIsUsedAndNeverRemoved() throws Exception {
    RealCluster.apply(
        tenancy.namespace(),
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: %s}
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 20Mi}}
        """
            .formatted(markings.claim()));

    get(runtime().create(spec(name)));
    get(runtime().start(name));
    assertThat(get(runtime().awaitStart(name)).started()).isTrue();
    get(runtime().remove(name, true));

    assertThat(get(runtime().find(name))).isEmpty();
    assertThat(
            kubectl("get", "pvc", markings.claim(), "-o", "jsonpath={.metadata.deletionTimestamp}"))
        .isBlank();
  }

  @Test
  void aServiceIsUsedAndNeverRemoved() throws Exception {
    var service = markings.deployment();
    kubectl("create", "service", "clusterip", service, "--tcp=8080:23000");
    var before = uidAndVersionOf("service", service);
    get(runtime().create(spec(name)));

    assertThat(get(runtime().expose(exposure(name, Type.NODEPORT))).port()).isEqualTo(8080);
    get(runtime().remove(name, true));

    assertThat(uidAndVersionOf("service", service)).isEqualTo(before);
  }

  private String uidAndVersionOf(String kind, String object) {
    return kubectl(
        "get",
        kind,
        object,
        "-o",
        "jsonpath={.metadata.uid} {.metadata.generation} {.metadata.managedFields[*].manager}");
  }

  private String kubectl(String... arguments) {
    var command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("-n", tenancy.namespace()));
    return RealCluster.kubectl(command.toArray(String[]::new));
  }
}
