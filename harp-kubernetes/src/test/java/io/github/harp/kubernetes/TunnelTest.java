// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.DIALS_IN;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ExAppCredentials;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.kubernetes.KubernetesCluster.DialIn;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.testing.RealCluster;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** ExApps in a cluster that dial in. */
class TunnelTest extends OnARealCluster {

  private static final ExAppAddress TUNNEL = new ExAppAddress("127.0.0.1", 23000);

  private final ExAppName name = newName();

  @Test
  void theWayToItIsItsTunnelHoweverItIsExposed() throws Exception {
    get(runtime().create(dialingIn(name)));
    var exApp = TestExApp.at("10.1.1.1", 1, name.id().text(), "s");

    assertThat(get(placesOf(cluster).located(exApp)).address()).isEqualTo(TUNNEL);
    assertThat(get(runtime().expose(exposure(name, Type.CLUSTERIP)))).isEqualTo(TUNNEL);
    assertThat(get(runtime().expose(exposure(name, Type.NODEPORT)))).isEqualTo(TUNNEL);

    assertThat(service()).isNull();
    assertThat(get(placesOf(cluster).located(exApp)).address()).isEqualTo(TUNNEL);
  }

  @Test
  void whatItShowsIsInASecretThatGoesWithIt() throws Exception {
    get(runtime().create(dialingIn(name)));

    assertThat(secret().getData()).isEqualTo(Map.of("ca.crt", base64("authority")));
    assertThat(secret().getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/managed-by", "harp")
        .containsEntry(Markings.PART_OF, new Markings(name).group());
    get(runtime().start(name));
    assertThat(get(runtime().awaitStart(name)).started()).isTrue();

    get(runtime().remove(name, true));
    await().atMost(Duration.ofSeconds(60)).until(() -> secret() == null);
  }

  @Test
  void anUpdateHasASecretOfItsOwn() throws Exception {
    get(runtime().create(dialingIn(name)));
    var first = owner();

    get(runtime().remove(name, false));
    get(runtime().create(dialingIn(name)));

    assertThat(owner()).isNotEqualTo(first);
    get(runtime().start(name));
    assertThat(get(runtime().awaitStart(name)).started()).isTrue();
  }

  @Test
  void renewedFilesReplaceTheOldOnesAndComeBackWhereTheyAreMissing() throws Exception {
    get(runtime().create(dialingIn(name)));
    try (var later =
        cluster(
            tenancy.settings(),
            new DialIn(
                ExAppCredentials.sharedKey(),
                () -> List.of(new TunnelFile("client.crt", "new".getBytes(UTF_8), false))))) {
      var newFiles = new CertificateInstallation(Optional.empty(), true);

      get(runtimeOf(later).installCertificates(name, newFiles));
      assertThat(secret().getData()).isEqualTo(Map.of("client.crt", base64("new")));

      secrets().delete();
      get(runtimeOf(later).installCertificates(name, newFiles));
      assertThat(secret().getData()).isEqualTo(Map.of("client.crt", base64("new")));
    }
  }

  @Test
  void whoDoesNotDialInGetsNoFiles() throws Exception {
    get(runtime().create(spec(name)));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    assertThat(secret()).isNull();
    assertThat(get(runtime().expose(exposure(name, Type.CLUSTERIP))).host()).startsWith("10.96.");
  }

  @Test
  void rolesAreReachedByAServiceSinceOnlyOneOfThemCouldHaveTheTunnel() throws Exception {
    var setup = new DialIn(ordered -> ordered.with("HP_FRP_ADDRESS", "x"), List::of);
    try (var telling = cluster(tenancy.settings(), setup)) {
      get(runtimeOf(telling).create(spec(name)));
      var role = new ExAppName(name.id(), "", "web", ExAppName.PREFIX);
      get(runtimeOf(telling).create(spec(role)));

      assertThat(environment(name)).contains("HP_FRP_ADDRESS");
      assertThat(environment(role)).doesNotContain("HP_FRP_ADDRESS");
    }
  }

  @Test
  void oneThatCanNotBeGivenItsFilesIsNotLeftBehind() throws Exception {
    nothingMoreOf("secrets");
    assertFails(
        runtime().create(dialingIn(name)), Code.REFUSED, "403 Forbidden", "exceeded quota: q");
    assertThat(get(runtime().find(name))).isEmpty();
  }

  private static ExAppSpec dialingIn(ExAppName name) {
    return spec(name, RealCluster.IMAGE, ComputeDevice.CPU, DIALS_IN);
  }

  private List<String> environment(ExAppName name) {
    return tenancy
        .admin()
        .apps()
        .deployments()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(name).deployment())
        .get()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .get(0)
        .getEnv()
        .stream()
        .map(it -> it.getName())
        .toList();
  }

  private String owner() {
    return secret().getMetadata().getOwnerReferences().get(0).getUid();
  }

  private io.fabric8.kubernetes.client.dsl.Resource<Secret> secrets() {
    return tenancy
        .admin()
        .secrets()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(name).tunnelFiles());
  }

  private @Nullable Secret secret() {
    return secrets().get();
  }

  private @Nullable Service service() {
    return tenancy
        .admin()
        .services()
        .inNamespace(tenancy.namespace())
        .withName(new Markings(name).deployment())
        .get();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
