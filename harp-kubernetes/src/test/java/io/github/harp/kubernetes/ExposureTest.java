// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.newName;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.runtime.Exposure;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.kubernetes.api.ClusterApi;
import io.github.harp.kubernetes.api.Markings;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The ways to an ExApp, and how they are found again. */
class ExposureTest extends OnARealCluster {

  private static final String NODE = "10.98.0.2";

  private final ExAppName name = newName();

  @Test
  void aPodIsReachedByItsServiceAndFindsItsData() throws Exception {
    get(runtime().create(spec(name)));
    get(runtime().start(name));
    assertThat(get(runtime().awaitStart(name)).started()).isTrue();

    var address = get(runtime().expose(exposure(name, Type.CLUSTERIP)));

    assertThat(address.host()).startsWith("10.96.");
    assertThat(address.port()).isEqualTo(23000);
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(answer(address, "/")).contains("path /", "APP_ID=" + name.id()));
  }

  @Test
  void aPortOfTheNodesIsReachedByANode() throws Exception {
    var ordered =
        new Exposure(
            name,
            Type.NODEPORT,
            23000,
            Optional.empty(),
            OptionalInt.empty(),
            new Exposure.Service(
                OptionalInt.of(80),
                OptionalInt.of(30123),
                Optional.of("Local"),
                Optional.empty(),
                Map.of("a", "b"),
                Map.of("c", "d")),
            new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()),
            Duration.ofSeconds(1),
            Duration.ofMillis(200));

    assertThat(get(runtime().expose(ordered))).isEqualTo(new ExAppAddress(NODE, 30123));

    var service = service();
    assertThat(service.getSpec().getType()).isEqualTo("NodePort");
    assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
    assertThat(service.getSpec().getSelector()).containsExactly(Map.entry("app", deployment()));
    assertThat(service.getSpec().getPorts().get(0))
        .satisfies(
            port -> {
              assertThat(port.getPort()).isEqualTo(80);
              assertThat(port.getTargetPort().getIntVal()).isEqualTo(23000);
            });
    assertThat(service.getMetadata().getAnnotations()).containsEntry("a", "b");
    assertThat(service.getMetadata().getLabels())
        .containsEntry("c", "d")
        .containsEntry("app.kubernetes.io/managed-by", "harp")
        .containsEntry("app.kubernetes.io/component", "exapp");
  }

  @Test
  void aPortThatTheClusterRefusesIsToldInItsWords() throws Exception {
    get(runtime().expose(nodePort(30124)));
    var other = newName();

    assertFails(
        runtime()
            .expose(
                new Exposure(
                    other,
                    Type.NODEPORT,
                    23000,
                    Optional.empty(),
                    OptionalInt.empty(),
                    nodePort(30124).service(),
                    nodePort(30124).node(),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(200))),
        Code.REFUSED,
        "422 Invalid",
        "provided port is already allocated");
  }

  @Test
  void aNodeIsPickedByNameAndLabel() {
    assertFails(
        runtime()
            .expose(
                exposure(
                    name,
                    Type.NODEPORT,
                    Optional.empty(),
                    new Exposure.Node("InternalIP", Optional.of("nobody"), Optional.empty()))),
        Code.UNAVAILABLE,
        "none of 0 nodes of the name nobody has an address");
  }

  @Test
  void aLoadBalancerThatNobodyProvidesIsNamed() {
    assertFails(
        runtime().expose(exposure(name, Type.LOADBALANCER)),
        Code.UNAVAILABLE,
        "got no address within 1 s: expected a provider of load balancers");
  }

  @Test
  void aLoadBalancersAddressIsWaitedFor() throws Exception {
    var ordered =
        new Exposure(
            name,
            Type.LOADBALANCER,
            23000,
            Optional.empty(),
            OptionalInt.empty(),
            exposure(name, Type.LOADBALANCER).service(),
            exposure(name, Type.LOADBALANCER).node(),
            Duration.ofSeconds(30),
            Duration.ofMillis(200));
    var exposed = runtime().expose(ordered);
    await().until(() -> service() != null);

    tenancy
        .admin()
        .services()
        .inNamespace(tenancy.namespace())
        .withName(deployment())
        .editStatus(
            service ->
                new ServiceBuilder(service)
                    .editOrNewStatus()
                    .withNewLoadBalancer()
                    .addNewIngress()
                    .withHostname("lb.example")
                    .endIngress()
                    .endLoadBalancer()
                    .endStatus()
                    .build());

    assertThat(get(exposed)).isEqualTo(new ExAppAddress("lb.example", 23000));
  }

  @Test
  @DisplayName("W24: what an exposure was told is found again, by another HaRP, too")
  void w24_whatWasToldIsRemembered() throws Exception {
    get(
        runtime()
            .expose(
                exposure(
                    name,
                    Type.NODEPORT,
                    Optional.of("apps.example.com"),
                    new Exposure.Node("ExternalIP", Optional.of("node1"), Optional.empty()))));

    try (var another = cluster(tenancy.settings())) {
      var found = get(placesOf(another).located(exApp("127.0.0.1")));
      assertThat(found.address().host()).isEqualTo("apps.example.com");
      assertThat(found.address().port()).isEqualTo(nodePort());
    }
  }

  @Test
  @DisplayName("W24: a Service that is there becomes as it is ordered now")
  void w24_aServiceOfOursIsChanged() throws Exception {
    get(
        runtime()
            .expose(
                exposure(
                    name,
                    Type.NODEPORT,
                    Optional.of("apps.example.com"),
                    new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()))));

    var address = get(runtime().expose(exposure(name, Type.CLUSTERIP)));

    assertThat(address.host()).startsWith("10.96.");
    assertThat(service().getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))).address().host())
        .isEqualTo(address.host());
  }

  @Test
  void aServiceOfSomebodyElseIsUsedAndStays() throws Exception {
    tenancy
        .admin()
        .services()
        .inNamespace(tenancy.namespace())
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(deployment())
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "other")
                .addNewPort()
                .withPort(8080)
                .endPort()
                .endSpec()
                .build())
        .create();

    assertThat(get(runtime().expose(exposure(name, Type.CLUSTERIP))).port()).isEqualTo(8080);
    get(runtime().remove(name, true));

    assertThat(service().getSpec().getSelector()).containsEntry("app", "other");
  }

  @Test
  void whatWasExposedByHandIsFoundAgain() throws Exception {
    get(runtime().create(spec(name)));
    var byHand =
        new Exposure(
            name,
            Type.MANUAL,
            23000,
            Optional.of("far.example"),
            OptionalInt.of(443),
            exposure(name, Type.MANUAL).service(),
            exposure(name, Type.MANUAL).node(),
            Duration.ZERO,
            Duration.ofSeconds(1));

    assertThat(get(runtime().expose(byHand))).isEqualTo(new ExAppAddress("far.example", 443));
    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))))
        .extracting(ExApp::address)
        .isEqualTo(new ExAppAddress("far.example", 443));
    assertThat(service()).isNull();
  }

  @Test
  void aChangeThatSomebodyElseWasFasterWithIsMadeAgain() throws Exception {
    get(runtime().create(spec(name)));
    var deployment =
        tenancy
            .admin()
            .apps()
            .deployments()
            .inNamespace(tenancy.namespace())
            .withName(deployment());
    var tries = new AtomicInteger();

    new ClusterApi(tenancy.admin(), OrderLocks.Held.UNCONTESTED)
        .edit(
            deployment,
            it -> {
              if (tries.incrementAndGet() == 1) {
                deployment.patch(
                    PatchContext.of(PatchType.STRATEGIC_MERGE),
                    "{\"metadata\":{\"annotations\":{\"other\":\"yes\"}}}");
              }
              it.getMetadata().getAnnotations().put("own", "yes");
              return it;
            });

    // The cluster's own controllers write to it as well.
    assertThat(tries).hasValueGreaterThanOrEqualTo(2);
    assertThat(deployment.get().getMetadata().getAnnotations()).containsKeys("own", "other");
  }

  @Test
  void byHandWinsOverAnEarlierService() throws Exception {
    get(runtime().create(spec(name)));
    get(runtime().expose(exposure(name, Type.CLUSTERIP)));
    get(
        runtime()
            .expose(
                exposure(
                    name,
                    Type.MANUAL,
                    Optional.of("far.example"),
                    new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()))));

    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))).address().host())
        .isEqualTo("far.example");
  }

  @Test
  @DisplayName("W24: an ExApp of another instance is found by its id")
  void w24_theInstanceIsFoundAgain() throws Exception {
    var ofInstance = new ExAppName(name.id(), "nc1", "", ExAppName.PREFIX);

    var address = get(runtime().expose(exposure(ofInstance, Type.CLUSTERIP)));

    assertThat(get(placesOf(cluster).located(exApp("127.0.0.1"))).address().host())
        .isEqualTo(address.host());
  }

  @Test
  void anExAppThatIsNotThereStaysWhereNextcloudSays() throws Exception {
    assertThat(get(placesOf(cluster).located(exApp("192.0.2.7"))).address().host())
        .isEqualTo("192.0.2.7");
  }

  private Exposure nodePort(int port) {
    return new Exposure(
        name,
        Type.NODEPORT,
        23000,
        Optional.empty(),
        OptionalInt.empty(),
        new Exposure.Service(
            OptionalInt.empty(),
            OptionalInt.of(port),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of()),
        new Exposure.Node("InternalIP", Optional.empty(), Optional.empty()),
        Duration.ofSeconds(1),
        Duration.ofMillis(200));
  }

  private int nodePort() {
    return service().getSpec().getPorts().get(0).getNodePort();
  }

  private Service service() {
    return tenancy.admin().services().inNamespace(tenancy.namespace()).withName(deployment()).get();
  }

  private String deployment() {
    return new Markings(name).deployment();
  }

  private ExApp exApp(String host) {
    return new ExApp(
        name.id(), "1", new ExAppAddress(host, 23000), Secret.of("s"), RouteTable.empty());
  }

  private String answer(ExAppAddress address, String path) throws Exception {
    return vertx
        .createHttpClient()
        .request(HttpMethod.GET, address.port(), address.host(), path)
        .compose(request -> request.send())
        .compose(response -> response.body())
        .await()
        .toString();
  }
}
