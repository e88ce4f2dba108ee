// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.instance.HostName;
import io.github.harp.launcher.config.environment.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("HP_INSTANCES_FILE")
class InstancesFileTest {

  private static final String OWN_KEY = "correct-horse-battery-staple";
  private static final String KEY = "another-horse-battery-staple";
  private static final String ACME =
      """
      [[instance]]
      name = "acme"
      url = "https://acme.example/nextcloud/index.php/"
      key = "%s"
      hosts = ["acme.example", "Wölke.Example."]
      engines = "24000=unix:///var/run/docker.sock"
      """
          .formatted(KEY);

  @TempDir Path root;

  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void setVariables() {
    environment.put("HP_SHARED_KEY", OWN_KEY);
    environment.put("NC_INSTANCE_URL", "https://cloud.example");
    environment.put("HP_CERTS_DIR", root.toString());
  }

  private Configuration read(String toml) throws IOException, ConfigurationException {
    var file = Files.writeString(root.resolve("instances.toml"), toml);
    environment.put("HP_INSTANCES_FILE", file.toString());
    return Configuration.from(environment, root);
  }

  private String mistakesIn(String toml) {
    return catchThrowableOfType(ConfigurationException.class, () -> read(toml)).getMessage();
  }

  @Test
  void namesTheNextcloudsBesideThatOfTheVariables() throws Exception {
    var configuration = read("hosts = [\"cloud.example\"]\n" + ACME);

    assertThat(configuration.first().hosts()).containsExactly(new HostName("cloud.example"));
    var acme = configuration.nextclouds().get(1);
    assertThat(acme.name()).hasToString("acme");
    assertThat(acme.url()).isEqualTo("https://acme.example/nextcloud");
    assertThat(acme.folder()).isEqualTo("/nextcloud");
    assertThat(acme.key().reveal()).isEqualTo(KEY);
    assertThat(acme.hosts())
        .containsExactlyInAnyOrder(
            new HostName("acme.example"), new HostName("xn--wlke-5qa.example"));
    assertThat(acme.places().engines()).containsOnlyKeys(EngineNumber.FIRST);
  }

  @Test
  void isNotNeeded() throws Exception {
    var without = Configuration.from(environment, root);

    assertThat(without.nextclouds()).hasSize(1);
    assertThat(without.several()).isFalse();
    assertThat(read("").nextclouds()).hasSize(1);
    assertThat(read("").several()).as("there may be some later").isTrue();
  }

  @Test
  void aKeyMayStandInAFileOfItsOwn() throws Exception {
    var file = Files.writeString(root.resolve("key"), KEY + "\n");

    var configuration = read(ACME.replace("key = \"" + KEY, "key_file = \"" + file));

    assertThat(configuration.nextclouds().get(1).key().reveal()).isEqualTo(KEY);
  }

  @Test
  void foldersOfTheHostAreGivenByTheFileAlone() throws Exception {
    environment.put("HP_ALLOWED_MOUNTS", "/data");

    var acme = read(ACME + "allowed_mounts = \"/srv/models\"\n").nextclouds().get(1);

    assertThat(acme.mounts().line())
        .isEqualTo("HP_INSTANCES_FILE instance acme allowed_mounts=/srv/models");
    assertThat(read(ACME).nextclouds().get(1).mounts().allows("/data")).isFalse();
    assertThat(mistakesIn(ACME + "allowed_mounts = \"srv\"\n"))
        .contains("instance 1 allowed_mounts: found 'srv'; expected absolute paths");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name = \"acme\"|name = \"app\"|instance 1 name: found 'app'; expected 1 to 32 lower-case",
        "name = \"acme\"|name = \"nobody\"|instance 1 name: found 'nobody'",
        "name = \"acme\"|name = \"a_b\"|instance 1 name: found 'a_b'",
        "name = \"acme\"|name = \"Acme\"|instance 1 name: found 'Acme'",
        "name = \"acme\"|name = 7|instance 1 name: found something else; expected a text",
        "name = \"acme\"||instance 1 name: found nothing",
        "url = \"https|url = \"ftp|instance 1 url: found what is no base URL",
        "hosts = [\"acme.example\"|hosts = [\"https://acme.example\"|instance 1 hosts: found"
            + " 'https://acme.example'; expected a host as it stands in the address bar",
        "hosts = [\"acme.example\"|hosts = [\"acme.example\", \"ACME.example\"|instance 1 hosts:"
            + " found 'ACME.example', which is that of HP_INSTANCES_FILE line 1 instance 1 hosts,"
            + " too",
        "hosts|house|instance 1: found 'house'; expected nothing but",
        "hosts|house|instance 1 hosts: found none; expected at least one",
        "engines = \"24000|engines = \"23000|instance 1 engines: found '23000=unix",
        "[[instance]]|[[instances]]|HP_INSTANCES_FILE: found 'instances'; expected nothing but",
        "[[instance]]|[instance]|HP_INSTANCES_FILE instance: found something else; expected tables",
        "[[instance]]|[[instance|HP_INSTANCES_FILE line 1: found what is not TOML"
      })
  void aMistakeIsSaidInWords(String right, String wrong, String said) {
    assertThat(mistakesIn(ACME.replace(right, wrong == null ? "" : wrong))).contains(said);
  }

  @Test
  void nothingIsSharedByTwo() {
    assertThat(mistakesIn("hosts = [\"acme.example\"]\n" + ACME + ACME))
        .contains("instance 1 hosts: found 'acme.example', which is that of HP_INSTANCES_FILE")
        .contains(
            "instance 2 name: found 'acme', which is that of HP_INSTANCES_FILE line 2 instance 1")
        .contains(
            "instance 2 key: found a key, which is that of HP_INSTANCES_FILE line 2 instance 1 key")
        .doesNotContain(KEY);
  }

  @Test
  void theKeyOfTheVariablesIsNobodyElses() {
    assertThat(mistakesIn(ACME.replace(KEY, OWN_KEY)))
        .contains("instance 1 key: found a key, which is that of HP_SHARED_KEY, too")
        .doesNotContain(OWN_KEY);
  }

  @Test
  void aKeyIsThereAndOnceOnly() {
    assertThat(mistakesIn(ACME.replace("key = ", "# ")))
        .contains(
            "line 1 instance 1 key or HP_INSTANCES_FILE line 1 instance 1 key_file: found neither");
    assertThat(mistakesIn(ACME + "key_file = \"/key\"\n"))
        .contains("instance 1 key and HP_INSTANCES_FILE line 1 instance 1 key_file: found both");
  }

  @Test
  void whatIsNotTomlShowsNoKey() {
    assertThat(mistakesIn("[[instance]]\nkey = \"" + KEY + "\nname")).doesNotContain(KEY);
  }

  @Test
  void aFileThatIsNotThereIsAMistake() {
    environment.put("HP_INSTANCES_FILE", "/nowhere/instances.toml");

    assertThat(
            catchThrowableOfType(
                    ConfigurationException.class, () -> Configuration.from(environment, root))
                .getMessage())
        .contains("HP_INSTANCES_FILE: found '/nowhere/instances.toml'; expected a readable TOML");
  }

  @Test
  void aNamespaceIsInTheClusterOfTheVariables() throws Exception {
    var inCluster = ACME + "namespace = \"acme-exapps\"\n";
    assertThat(mistakesIn(inCluster)).contains("none without a cluster: HP_K8S_ENABLED");

    environment.put("HP_K8S_ENABLED", "true");
    environment.put("HP_K8S_API_SERVER", "https://10.96.0.1");
    var read = read(inCluster);
    assertThat(read.nextclouds().get(1).places().cluster())
        .hasToString("Optional[namespace acme-exapps at https://10.96.0.1]");
    assertThat(read.nextclouds().get(1).places().cluster().orElseThrow().standards())
        .isEqualTo(read.first().places().cluster().orElseThrow().standards());
    assertThat(read(ACME).nextclouds().get(1).places().cluster()).isEmpty();
    assertThat(mistakesIn(ACME + "namespace = \"Acme\"\n"))
        .contains("namespace: found 'Acme'; expected the name of a namespace");
  }

  @Test
  void nodesMayServeSeveral() throws Exception {
    environment.put("HP_CLUSTER_URL", "redis://127.0.0.1");
    environment.put("HP_CLUSTER_NODE", "one");

    assertThat(read(ACME).nextclouds()).hasSize(2);
  }

  @Test
  void aWeakKeyIsAnAlarm() throws Exception {
    read(ACME.replace(KEY, "short"));

    assertThat(Configuration.from(environment, root).remarks().alarms())
        .anyMatch(
            it -> it.startsWith("HP_INSTANCES_FILE line 1 instance 1 key: a key of 5 characters"));
  }
}
