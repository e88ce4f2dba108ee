// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static io.github.harp.kubernetes.testing.RealCluster.helm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.core.testing.UnusedPort;
import io.github.harp.kubernetes.testing.RealCluster;
import io.github.harp.launcher.demo.AppApiDouble;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** HaRP in a pod, as the chart installs it, and an ExApp beside it that answers through it. */
@ExtendWith(RealCluster.class)
@Timeout(300)
class InClusterIT {

  private static final String KEY = "a shared key of forty characters or so..";

  /** The machine, as pods see it. */
  private static final String HERE = "10.98.0.1";

  private static final Path FRPC =
      Path.of(System.getProperty("harp.root", ".."), "interop/bin/0.70.1/frpc").toAbsolutePath();

  private static final ExApp DEMO = exApp("demo", 23000);

  /** It dials in from outside of the cluster. */
  private static final ExApp FAR = exApp("far", 23001);

  @TempDir static Path folder;

  private static final String TAG = "k8s-" + ProcessHandle.current().pid();

  private static Vertx vertx;
  private static @Nullable HarpImage image;
  private static String nextcloudUrl = "";

  private static ExApp exApp(String id, int port) {
    return new ExApp(
        new AppId(id),
        "1.2.3",
        new ExAppAddress("127.0.0.1", port),
        Secret.of("app-secret"),
        RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of()))));
  }

  @BeforeAll
  static void build() throws Exception {
    vertx = Vertx.vertx();
    image = new HarpImage(TAG);
    var tar = folder.resolve("image.tar");
    Docker.run("save", "--output", tar.toString(), image.name());
    RealCluster.importImage(tar);
    Files.delete(tar);
    var nextcloud =
        vertx
            .createHttpServer()
            .requestHandler(new AppApiDouble(KEY).exApp(DEMO).exApp(FAR))
            .listen(0, HERE)
            .await();
    nextcloudUrl = "http://" + HERE + ":" + nextcloud.actualPort();
  }

  @AfterAll
  static void removeAll() throws Exception {
    vertx.close().await();
    if (image != null) {
      image.close();
    }
  }

  /** The volumes of this cluster are folders that belong to root, whatever the pod asks for. */
  private static void claimForCertificates(HarpRelease harp) throws Exception {
    RealCluster.apply(
        harp.namespace(),
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: given}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
        """);
    harp.kubectl("wait", "--for=jsonpath={.status.phase}=Bound", "pvc/given");
    var volume = harp.kubectl("get", "pvc/given", "-o=jsonpath={.spec.volumeName}");
    var path = Path.of(harp.kubectl("get", "pv", volume, "-o=jsonpath={.spec.hostPath.path}"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Test
  void anExAppBesideItAnswersThroughIt() throws Exception {
    try (var harp = new HarpRelease("nextcloud", KEY)) {
      claimForCertificates(harp);
      harp.install(TAG, nextcloudUrl, "certs.existingClaim=given");
      harp.served(
          "/exapps/app_api/info",
          info ->
              assertThat(new JsonObject(info).getJsonObject("kubernetes"))
                  .isEqualTo(
                      new JsonObject()
                          .put("enabled", true)
                          .put("api_server", "https://10.96.0.1:443")
                          .put("reachable", true)));
      harp.deploy();

      assertThat(
              harp.kubectl(
                  "get",
                  "networkpolicy/nc-app-demo",
                  "--namespace=" + harp.exApps(),
                  "-o=jsonpath={..from[1].namespaceSelector.matchLabels}"
                      + " {..podSelector.matchLabels}"))
          .contains(
              "{\"kubernetes.io/metadata.name\":\"nextcloud\"}",
              "{\"app.kubernetes.io/instance\":\"harp\",\"app.kubernetes.io/name\":\"harp\"}");

      assertThat(harp.inside("/healthcheck.sh")).doesNotContain("nobody listens");
      assertThat(harp.inside("harp", "doctor")).contains(harp.exApps()).doesNotContain("may not:");
      assertThat(harp.inside("ls", "/certs/frp")).contains("ca.key");

      var before = harp.pods("metadata.uid");
      harp.order("upgrade", "--reuse-values", "--set=settings.HP_LOG_LEVEL=debug");
      assertThat(harp.pods("metadata.uid")).doesNotContainAnyElementsOf(before);
      harp.awaitPage();

      helm("uninstall", "harp", "--namespace=" + harp.namespace(), "--wait");
      assertThat(harp.kubectl("get", "deployment", "--namespace=" + harp.exApps(), "-o=name"))
          .as("ExApps outlive their gateway")
          .contains("nc-app-demo");
    }
  }

  @Test
  void threePodsActAsOne() throws Exception {
    var far =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.response().end("far away"))
            .listen(0, "127.0.0.1")
            .await();
    var redisPort = String.valueOf(freePort());
    try (var harp = new HarpRelease("several", KEY);
        var redis =
            new Program(
                "redis-server",
                "--port",
                redisPort,
                "--bind",
                HERE,
                "--protected-mode",
                "no",
                "--save",
                "")) {
      harp.install(
          TAG,
          nextcloudUrl,
          "replicas=3",
          "cluster.url=redis://" + HERE + ":" + redisPort,
          "settings.HP_FRP_DISABLE_TLS=true");
      assertThat(harp.pods("metadata.uid")).hasSize(3);
      harp.deploy();

      try (var frpc = new Program(FRPC.toString(), "-c", dialIn(harp, far.actualPort()))) {
        for (var pod : harp.pods("status.podIP")) {
          reached(harp, pod);
        }
        for (var pod : harp.pods("metadata.name")) {
          harp.kubectl("delete", "pod", pod);
          reached(harp, harp.address());
        }
        harp.kubectl("rollout", "restart", "deployment/harp");
        harp.kubectl("rollout", "status", "deployment/harp", "--timeout=180s");
        await().atMost(Duration.ofMinutes(1)).until(() -> harp.pods("metadata.uid").size() == 3);
        for (var pod : harp.pods("status.podIP")) {
          reached(harp, pod);
          harp.served(pod, "/exapps/demo/page", page -> assertThat(page).contains("path /page"));
        }
      }
    }
  }

  private static int freePort() throws Exception {
    return UnusedPort.find(InetAddress.getByName(HERE));
  }

  private static void reached(HarpRelease harp, String address) {
    harp.served(address, "/exapps/far/", page -> assertThat(page).isEqualTo("far away"));
  }

  /** Through the Service, so at whichever pod. */
  private static String dialIn(HarpRelease harp, int service) throws Exception {
    var token =
        new HmacTunnelTokens(SharedKey.of(KEY))
            .mint(Deployment.of(FAR.id(), FAR.token()), FAR.address().port());
    return Files.writeString(
            folder.resolve("frpc.toml"),
            """
            serverAddr = "%s"
            serverPort = 8782
            loginFailExit = false
            metadatas.token = "%s"

            [[proxies]]
            name = "far"
            type = "tcp"
            localIP = "127.0.0.1"
            localPort = %d
            remotePort = %d
            """
                .formatted(harp.address(), token, service, FAR.address().port()))
        .toString();
  }

  /** One that runs here, beside the cluster. */
  private static final class Program implements AutoCloseable {
    private final Process process;

    Program(String... command) throws Exception {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
