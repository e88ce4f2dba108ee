// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.TestClusters.placesOf;
import static io.github.harp.kubernetes.testing.InCluster.assertFails;
import static io.github.harp.kubernetes.testing.InCluster.exposure;
import static io.github.harp.kubernetes.testing.InCluster.get;
import static io.github.harp.kubernetes.testing.InCluster.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.Secret;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.runtime.Exposure.Type;
import io.github.harp.kubernetes.testing.RealCluster;
import org.junit.jupiter.api.Test;

/** What the original has deployed goes on: these are its objects, to the letter (contract 8). */
class MigrationTest extends OnARealCluster {

  private static final ExAppName DEMO = new ExAppName(new AppId("demo"));

  private static final String DEPLOYED =
      """
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: nc-app-demo-data
        labels: {app.kubernetes.io/name: nc-app-demo, app.kubernetes.io/part-of: nc-app-demo,
          app.kubernetes.io/component: exapp-data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: 10Mi}}
      ---
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: nc-app-demo
        labels: &labels {app: nc-app-demo, app.kubernetes.io/name: nc-app-demo,
          app.kubernetes.io/part-of: nc-app-demo, app.kubernetes.io/component: exapp}
      spec:
        replicas: 0
        selector: {matchLabels: {app: nc-app-demo}}
        template:
          metadata: {labels: *labels}
          spec:
            containers:
              - name: app
                image: harp.test/exapp:1
                imagePullPolicy: IfNotPresent
                env: [{name: APP_ID, value: demo}, {name: APP_PORT, value: "23000"}]
                volumeMounts: [{name: data, mountPath: /nc_app_demo_data}]
            volumes: [{name: data, persistentVolumeClaim: {claimName: nc-app-demo-data}}]
      """;

  private static final String EXPOSED =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: nc-app-demo
        labels: {app: nc-app-demo, app.kubernetes.io/name: nc-app-demo,
          app.kubernetes.io/part-of: nc-app-demo, app.kubernetes.io/component: exapp,
          app.kubernetes.io/managed-by: harp}
      spec:
        type: ClusterIP
        selector: {app: nc-app-demo}
        ports: [{name: http, port: 23000, targetPort: 23000}]
      """;

  @Test
  void whatTheOriginalDeployedIsStartedExposedStoppedAndRemoved() throws Exception {
    RealCluster.apply(tenancy.namespace(), DEPLOYED);

    assertThat(get(runtime().find(DEMO)))
        .hasValueSatisfying(it -> assertThat(it.imageRef()).isEqualTo(RealCluster.IMAGE));
    assertFails(runtime().create(spec(DEMO)), Code.CONFLICT, "already exists");
    assertThat(get(runtime().start(DEMO))).isTrue();
    assertThat(get(runtime().awaitStart(DEMO)).started()).isTrue();
    var address = get(runtime().expose(exposure(DEMO, Type.CLUSTERIP)));
    assertThat(located()).isEqualTo(address);
    assertThat(get(runtime().stop(DEMO))).isTrue();

    get(runtime().remove(DEMO, true));

    for (var kind : new String[] {"deployment", "service", "pvc"}) {
      assertThat(
              RealCluster.kubectl(
                  "get", kind, "-n", tenancy.namespace(), "--ignore-not-found", "nc-app-demo"))
          .as(kind)
          .isEmpty();
    }
  }

  @Test
  void whatTheOriginalExposedIsFoundAndChanged() throws Exception {
    RealCluster.apply(tenancy.namespace(), DEPLOYED);
    RealCluster.apply(tenancy.namespace(), EXPOSED);

    assertThat(located().port()).isEqualTo(23000);
    assertThat(get(runtime().expose(exposure(DEMO, Type.NODEPORT))).port())
        .isEqualTo(located().port())
        .isBetween(30000, 32767);
  }

  @Test
  void whatTheOriginalExposedByHandIsFound() throws Exception {
    RealCluster.apply(tenancy.namespace(), DEPLOYED);
    RealCluster.kubectl(
        "annotate",
        "deployment",
        "nc-app-demo",
        "-n",
        tenancy.namespace(),
        "appapi.nextcloud.com/expose-type=manual",
        "appapi.nextcloud.com/upstream-host=far.example",
        "appapi.nextcloud.com/upstream-port=8443");

    assertThat(located()).isEqualTo(new ExAppAddress("far.example", 8443));
  }

  private ExAppAddress located() throws Exception {
    var exApp =
        new ExApp(
            DEMO.id(),
            "1",
            new ExAppAddress("127.0.0.1", 23000),
            Secret.of("s"),
            RouteTable.empty());
    return get(placesOf(cluster).located(exApp)).address();
  }
}
