// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.TestClusters.runtimeOf;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.InstanceName;
import io.github.harp.core.Secret;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.kubernetes.api.Markings;
import io.github.harp.kubernetes.testing.InCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The same ExApp of two of them, in one namespace. */
@DisplayName("Several Nextclouds in one namespace")
class SeveralNextcloudsTest extends OnARealCluster {

  private static final String ACMES = new InstanceName("acme").containers();

  private final ExAppName first = newName();
  private final ExAppName acmes = first.beginning(ACMES);
  private KubernetesCluster acme;

  @BeforeEach
  void connectAcme() {
    acme = cluster(tenancy.settings(), ACMES);
  }

  @AfterEach
  void disconnectAcme() {
    acme.close(Duration.ofSeconds(5));
  }

  @Test
  void haveObjectsOfTheirOwn() throws Exception {
    assertThat(get(runtime().create(spec(first))).name()).isEqualTo("nc-app-" + first.id());
    assertThat(get(runtimeOf(acme).find(acmes))).isEmpty();
    assertThat(get(runtimeOf(acme).create(spec(acmes))).name())
        .isEqualTo("nc-acme-app-" + first.id());
    get(runtime().expose(exposure(first, Map.of())));
    get(runtimeOf(acme).expose(exposure(acmes, Map.of())));
    assertThat(found(acme)).contains("1 ExApps are deployed, none in trouble");
    assertThat(address(cluster)).isNotEqualTo(address(acme));

    get(runtimeOf(acme).remove(acmes, true));

    assertThat(get(runtimeOf(acme).find(acmes))).isEmpty();
    assertThat(names()).containsOnly("nc-app-" + first.id(), "nc-app-" + first.id() + "-data");
    assertThat(found(acme)).contains("0 ExApps are deployed, none in trouble");
    assertThat(address(acme)).isEqualTo("127.0.0.1");
  }

  @Test
  void areNotLedToAnothersByWhatItMarksAsTheirs() throws Exception {
    get(runtimeOf(acme).create(spec(acmes)));
    get(runtimeOf(acme).expose(exposure(acmes, Map.of(Markings.PART_OF, group(first)))));

    assertThat(address(cluster)).isEqualTo("127.0.0.1");

    get(runtimeOf(acme).remove(acmes, true));
    get(runtime().create(spec(first)));
    get(runtime().expose(exposure(first, Map.of(Markings.PART_OF, group(acmes)))));

    assertThat(address(acme)).isEqualTo("127.0.0.1");
    assertThat(address(cluster)).isNotEqualTo("127.0.0.1");
  }

  private static String group(ExAppName name) {
    return new Markings(name).group();
  }

  private static Exposure exposure(ExAppName name, Map<String, String> labels) {
    var plain = InCluster.exposure(name, Type.CLUSTERIP);
    return new Exposure(
        name,
        Type.CLUSTERIP,
        23000,
        Optional.empty(),
        OptionalInt.empty(),
        new Exposure.Service(
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(Markings.APP_ID, "another"),
            labels),
        plain.node(),
        plain.patience(),
        plain.pause());
  }

  /** Where a Nextcloud's ExApp is reached that is on this host, for all that Nextcloud knows. */
  private String address(KubernetesCluster of) throws Exception {
    var known =
        new ExApp(
            first.id(),
            "1",
            new ExAppAddress("127.0.0.1", 23000),
            Secret.of("s"),
            RouteTable.empty());
    return get(placesOf(of).located(known)).address().host();
  }

  private static List<String> found(KubernetesCluster of) throws Exception {
    return get(runtimeOf(of).describe()).findings().stream().map(Finding::seen).toList();
  }

  /** Of all objects there. */
  private List<String> names() {
    var admin = tenancy.admin();
    var namespace = tenancy.namespace();
    return List.of(
            admin.apps().deployments().inNamespace(namespace).list().getItems(),
            admin.services().inNamespace(namespace).list().getItems(),
            admin.persistentVolumeClaims().inNamespace(namespace).list().getItems())
        .stream()
        .flatMap(List::stream)
        .map(HasMetadata.class::cast)
        .map(it -> it.getMetadata().getName())
        .toList();
  }
}
