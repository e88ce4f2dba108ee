// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static io.github.harp.kubernetes.testing.RealCluster.helm;
import static io.github.harp.kubernetes.testing.RealCluster.helmWhateverTheEnd;
import static io.github.harp.kubernetes.testing.RealCluster.kubectl;
import static io.github.harp.kubernetes.testing.RealCluster.kubectlWhateverTheEnd;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.testing.RealCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Helm chart: what it refuses, what it makes, and its life in a real cluster. */
@ExtendWith(RealCluster.class)
class ChartTest {

  private static final Path ROOT =
      Path.of(System.getProperty("harp.root", "..")).toAbsolutePath().normalize();
  private static final String CHART = ROOT.resolve("packaging/kubernetes/chart").toString();
  private static final Path PLAIN = ROOT.resolve("packaging/kubernetes/plain");
  private static final String[] NEEDED = {
    "--set=nextcloudUrl=http://nextcloud.nextcloud.svc", "--set=sharedKey.existingSecret=harp"
  };

  /** Everything that is an option, at once. */
  private static final String[] ALL = {
    "--values=" + PLAIN.resolve("values.yaml"),
    "--set=sharedKey.existingSecret=,sharedKey.value=a key of more than sixteen characters",
    "--set=tunnels.type=NodePort,tunnels.nodePort=30123,tunnels.annotations.a=b",
    "--set=image.pullSecrets[0]=registry,image.tag=x,priorityClassName=system-cluster-critical",
    "--set=trustedProxies[0]=10.42.0.0/16,settings.HP_LOG_LEVEL=debug",
    "--set=settings.HP_BLACKLIST_COUNT=7,settings.HARP_JAVA_OPTS=-Xmx64m",
    "--set=exapps.storageClass=fast,exapps.restricted=true,exapps.hostAliases.cloud=10.0.0.5",
    "--set=podLabels.a=b,podAnnotations.c=d,serviceAccount.annotations.e=f,nodeSelector.g=h",
    "--set=tolerations[0].operator=Exists,certs.secret=given,serviceMonitor.labels.release=p",
    "--set=extraVolumes[0].name=ca,extraVolumes[0].emptyDir.sizeLimit=1Mi",
    "--set=extraVolumeMounts[0].name=ca,extraVolumeMounts[0].mountPath=/ca"
  };

  @TempDir static Path folder;

  @BeforeAll
  static void makeWhatIsThereBefore() {
    // Too large for the annotation that a plain apply keeps.
    kubectl("apply", "--server-side", "-f", RealCluster.built("crds").toString());
    kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
    kubectl("create", "namespace", "nextcloud");
    kubectl("create", "namespace", "nextcloud-exapps");
  }

  @AfterAll
  static void removeAll() {
    helmWhateverTheEnd("uninstall", "harp", "--namespace=nextcloud", "--ignore-not-found");
    kubectl("delete", "namespace", "nextcloud", "nextcloud-exapps");
    kubectl("delete", "-f", RealCluster.built("crds").toString());
  }

  @Test
  void itIsInOrder() {
    assertThat(helm(with("lint", CHART, "--strict", NEEDED))).contains("0 chart(s) failed");
    assertThat(helm(with("lint", CHART, "--strict", ALL))).contains("0 chart(s) failed");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "nextcloudUrl=cloud.example.com, at '/nextcloudUrl'",
        "sharedKey.existingSecret=, `sharedKey: set existingSecret, the name of a Secret`",
        "sharedKey.value=a key of sixteen or more, `sharedKey: set existingSecret or value`",
        "ingres.enabled=true, additional properties 'ingres' not allowed",
        "exapps.namespace=Next_Cloud, at '/exapps/namespace'",
        "exapps.storageSize=10GB, at '/exapps/storageSize': '10GB' does not match",
        "exapps.hostAliases.cloud=elsewhere, at '/exapps/hostAliases/cloud'",
        "trustedProxies[0]=ingress, at '/trustedProxies/0'",
        "ingress.enabled=true, at '/ingress/host'",
        "httpRoute.enabled=true, at '/httpRoute/parentRefs'",
        "tunnels.type=ClusterIP, `one of '', 'LoadBalancer', 'NodePort'`",
        "tunnels.nodePort=80, at '/tunnels/nodePort'",
        "`certs.secret=a,certs.existingClaim=b`, `certs: set existingClaim or secret, not both`",
        "settings.HP_K8S_NAMESPACE=a, set exapps.namespace instead",
        "settings.HP_K8S_NETWORK_POLICY=a, set networkPolicy.exappsFrom instead",
        "networkPolicy.exappsFrom[0]=10.0.0.0/24, at '/networkPolicy/exappsFrom/0'",
        "settings.HP_SHARED_KEY=a, set sharedKey instead",
        "settings.HP_ADMIN_ADDRESS=off, the chart sets it",
        "settings.logLevel=debug, expected a variable of docs/configuration.md",
        "settings.HP_LOG_LEVEL.a=b, at '/settings/HP_LOG_LEVEL'",
        "image.pullPolicy=Sometimes, at '/image/pullPolicy'"
      })
  void aWrongValueIsNamed(String value, String says) {
    assertThat(helmWhateverTheEnd(with("template", CHART, NEEDED, "--set=" + value)))
        .startsWith("Error:")
        .contains(says);
  }

  @Test
  void aWrongKeyIsNotRepeated() {
    assertThat(
            helmWhateverTheEnd(
                "template",
                CHART,
                "--set=nextcloudUrl=http://nextcloud",
                "--set=sharedKey.value=correct\"horse\"battery\"staple"))
        .contains("sharedKey.value: expected 16 characters or more, printable ASCII")
        .doesNotContain("horse");
  }

  @Test
  void thePlainManifestsAreTheCharts() throws IOException {
    var rendered = Files.createDirectory(folder.resolve("rendered"));
    var ended =
        new ProcessBuilder(PLAIN.resolve("render").toString(), rendered.toString()).inheritIO();
    ended.environment().put("HELM", RealCluster.built("helm").resolve("helm").toString());
    assertThat(ended.start().onExit().join().exitValue()).isZero();

    for (var file : List.of("harp", "ingress", "httproute", "servicemonitor")) {
      assertThat(PLAIN.resolve(file + ".yaml"))
          .as("packaging/kubernetes/plain/render writes it anew")
          .hasSameTextualContentAs(rendered.resolve(file + ".yaml"));
    }
  }

  @Test
  void everyOptionIsTakenByTheApiServer() throws IOException {
    var all = template(ALL);

    assertThat(kubectl("apply", "--dry-run=server", "--validate=strict", "-f", all.toString()))
        .contains(
            "serviceaccount/harp created",
            "secret/harp created",
            "deployment.apps/harp created",
            "service/harp-tunnels created",
            "ingress.networking.k8s.io/harp created",
            "httproute.gateway.networking.k8s.io/harp created",
            "servicemonitor.monitoring.coreos.com/harp created",
            "poddisruptionbudget.policy/harp created",
            "networkpolicy.networking.k8s.io/harp created")
        .doesNotContain("persistentvolumeclaim");
  }

  /** HaRP reads what the chart tells it, and may do what it needs for that. */
  @Test
  void whoMayConnectToExAppsIsTold() throws IOException {
    var from = "--set=networkPolicy.exappsFrom[0].ipBlock.cidr=10.0.0.0/24";
    var peers = Standards.peers(networkPolicy(with(NEEDED, from)));

    assertThat(peers).hasSize(2);
    assertThat(peers.get(0).getNamespaceSelector().getMatchLabels())
        .isEqualTo(Map.of("kubernetes.io/metadata.name", "nextcloud"));
    assertThat(peers.get(0).getPodSelector().getMatchLabels())
        .isEqualTo(Map.of("app.kubernetes.io/name", "harp", "app.kubernetes.io/instance", "harp"));
    assertThat(peers.get(1).getIpBlock().getCidr()).isEqualTo("10.0.0.0/24");

    var off = with(NEEDED, "--set=networkPolicy.enabled=false");
    assertThat(networkPolicy(off)).isEmpty();
    assertThat(Files.readString(template(off)))
        .doesNotContain("networkpolicies", "kind: NetworkPolicy");
    assertThat(Files.readString(template(NEEDED))).contains("resources: [networkpolicies]");
  }

  private static String networkPolicy(String... options) throws IOException {
    return kubectl(
        "create",
        "--dry-run=client",
        "--filename=" + template(options),
        "--output=jsonpath={..env[?(@.name==\"HP_K8S_NETWORK_POLICY\")].value}");
  }

  @Test
  void definitionsOfOthersAreKept() throws IOException {
    var all = template(with(ALL, "--set=httpRoute.parentRefs[0].port=70000"));

    assertThat(kubectlWhateverTheEnd("apply", "--dry-run=server", "-f", all.toString()))
        .contains("HTTPRoute", "spec.parentRefs[0].port", "65535");
  }

  @Test
  void twoReleasesHaveNothingInCommon() throws IOException {
    var blue = objects("blue", "one");
    assertThat(objects("green", "one")).doesNotContainAnyElementsOf(blue);
    assertThat(objects("blue", "two"))
        .filteredOn(object -> object.startsWith("Cluster"))
        .isNotEmpty()
        .doesNotContainAnyElementsOf(blue);
  }

  @Test
  void itIsInstalledChangedAndRemoved() {
    kubectl("label", "namespace", "nextcloud", "pod-security.kubernetes.io/warn=restricted");
    var installed =
        helm(
            with(
                "install",
                "harp",
                CHART,
                "--namespace=nextcloud",
                "--set=nextcloudUrl=http://nextcloud",
                "--set=sharedKey.value=a key of more than sixteen characters"));

    assertThat(installed)
        .doesNotContainIgnoringCase("warning")
        .contains("harp.nextcloud.svc:8780", "--k8s", "Your reverse proxy has to send /exapps/")
        .doesNotContain("a key of");
    assertThat(ManifestsTest.mayHarp("list", "pods", "nextcloud-exapps")).isEqualTo("yes");
    assertThat(ManifestsTest.mayHarp("list", "nodes", "nextcloud-exapps")).isEqualTo("no");
    assertThat(ManifestsTest.mayHarp("get", "secrets", "nextcloud")).isEqualTo("no");
    assertThat(inNextcloud("get", "secret", "harp", "-o=jsonpath={.data.HP_SHARED_KEY}"))
        .isEqualTo("YSBrZXkgb2YgbW9yZSB0aGFuIHNpeHRlZW4gY2hhcmFjdGVycw==");

    helm(
        with(
            "upgrade",
            "harp",
            CHART,
            "--namespace=nextcloud",
            "--reuse-values",
            "--set=settings.HP_LOG_LEVEL=debug,exapps.nodePorts=true",
            "--set=ingress.enabled=true,ingress.host=cloud.example.com"));
    assertThat(inNextcloud("get", "deployment", "harp", "-o=jsonpath={..env[*].name}"))
        .contains("HP_LOG_LEVEL");
    assertThat(inNextcloud("get", "ingress", "harp", "-o=jsonpath={..path}")).isEqualTo("/exapps/");
    assertThat(ManifestsTest.mayHarp("list", "nodes", "nextcloud-exapps")).isEqualTo("yes");

    helm("uninstall", "harp", "--namespace=nextcloud");
    assertThat(inNextcloud("get", "deployment,service,secret,ingress,pdb,netpol", "-o=name"))
        .isEmpty();
    assertThat(kubectl("get", "role,netpol", "--namespace=nextcloud-exapps", "-o=name")).isEmpty();
    assertThat(inNextcloud("get", "pvc", "-o=name"))
        .as("whom remote engines know stays")
        .contains("harp-certs");
    helm(with("install", "harp", CHART, "--namespace=nextcloud", NEEDED));
  }

  /** What docs/kubernetes.md gives as files of values. */
  @Test
  void whatIsDocumentedIsTaken() throws IOException {
    var yaml =
        Pattern.compile("(?s)```yaml\n( *nextcloudUrl.*?\n) *```")
            .matcher(Files.readString(ROOT.resolve("docs/kubernetes.md")));
    int documented = 0;
    while (yaml.find()) {
      var values =
          Files.writeString(folder.resolve("values-" + documented++), yaml.group(1).stripIndent());
      kubectl(
          "apply",
          "--dry-run=server",
          "--validate=strict",
          "-f",
          template("--values=" + values, "--set=exapps.namespace=nextcloud-exapps").toString());
    }
    assertThat(documented).isGreaterThanOrEqualTo(2);
  }

  @Test
  void itIsOfThisVersion() throws IOException {
    assertThat(Files.readString(ROOT.resolve("pom.xml")))
        .contains("<revision>" + appVersion() + "</revision>");
  }

  private static String appVersion() throws IOException {
    return Files.readAllLines(Path.of(CHART, "Chart.yaml")).stream()
        .filter(line -> line.startsWith("appVersion: "))
        .map(line -> line.substring("appVersion: ".length()))
        .findFirst()
        .orElseThrow();
  }

  private static Path template(String... options) throws IOException {
    return Files.writeString(
        folder.resolve("all.yaml"),
        helm(with("template", "harp", CHART, "--namespace=nextcloud", options)));
  }

  /** Kind and name of each object of a release whose ExApps are in a namespace of its own. */
  private static List<String> objects(String release, String namespace) {
    var rendered =
        helm(
            with(
                "template",
                release,
                CHART,
                "--namespace=" + namespace,
                "--set=exapps.nodePorts=true,exapps.namespace=" + namespace + "-" + release,
                NEEDED));
    return Pattern.compile("(?ms)^kind: (\\w+)\nmetadata:\n  name: (\\S+)")
        .matcher(rendered)
        .results()
        .map(found -> found.group(1) + " " + found.group(2))
        .toList();
  }

  private static String inNextcloud(String... arguments) {
    return kubectl(with("--namespace=nextcloud", arguments));
  }

  private static String[] with(Object... words) {
    var all = new ArrayList<String>();
    for (var word : words) {
      all.addAll(word instanceof String[] several ? List.of(several) : List.of((String) word));
    }
    return all.toArray(String[]::new);
  }
}
