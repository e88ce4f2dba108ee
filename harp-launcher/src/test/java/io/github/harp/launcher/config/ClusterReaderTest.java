// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.Secret;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.kubernetes.config.ClusterSettings.HostAlias;
import io.github.harp.kubernetes.config.ClusterSettings.Standards;
import io.github.harp.kubernetes.config.ClusterSettings.Token;
import io.github.harp.launcher.config.environment.ConfigurationException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables of contract 2.6. */
class ClusterReaderTest extends ReadsVariables {

  private static final String ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/";

  @ParameterizedTest
  @CsvSource({"1, true", "TRUE, true", "Yes, true", "false, false", "'', false", "2, false"})
  void itIsOffUnlessTurnedOn(String value, boolean on) throws Exception {
    assertThat(read("HP_K8S_ENABLED", value).first().places().cluster().isPresent()).isEqualTo(on);
    assertThat(read().first().places().cluster()).isEmpty();
    assertThat(read().first().places().namespace()).isEqualTo("nextcloud-exapps");
  }

  @Test
  void inAPodNothingElseIsNeeded() throws Exception {
    var configuration =
        read(
            "HP_K8S_ENABLED", "true",
            "KUBERNETES_SERVICE_HOST", "10.96.0.1",
            "KUBERNETES_SERVICE_PORT", "6443");

    assertThat(configuration.first().places().cluster())
        .hasValue(
            new ClusterSettings(
                Optional.of("https://10.96.0.1:6443"),
                "nextcloud-exapps",
                new Token(Optional.empty(), Path.of(ACCOUNT + "token")),
                Path.of(ACCOUNT + "ca.crt"),
                true,
                new Standards(Optional.empty(), "10Gi", List.of(), false, List.of())));
    assertThat(configuration.remarks().warnings()).isEmpty();
  }

  @Test
  void everythingCanBeSaid() throws Exception {
    assertThat(
            read(
                    "HP_K8S_ENABLED", "true",
                    "HP_K8S_API_SERVER", "'https://k8s.example:6443/'",
                    "HP_K8S_NAMESPACE", "apps",
                    "HP_K8S_BEARER_TOKEN", " secret \n",
                    "HP_K8S_BEARER_TOKEN_FILE", "/t",
                    "HP_K8S_CA_FILE", "/ca",
                    "HP_K8S_VERIFY_SSL", "FALSE",
                    "HP_K8S_STORAGE_CLASS", "fast",
                    "HP_K8S_DEFAULT_STORAGE_SIZE", "5Gi",
                    "HP_K8S_RESTRICTED", "true",
                    "HP_K8S_HOST_ALIASES", "a.local:10.0.0.5, b.local:10.0.0.5,c:fd00::7,d:[::1]")
                .first()
                .places()
                .cluster())
        .hasValue(
            new ClusterSettings(
                Optional.of("https://k8s.example:6443"),
                "apps",
                new Token(Optional.of(Secret.of("secret")), Path.of("/t")),
                Path.of("/ca"),
                false,
                new Standards(
                    Optional.of("fast"),
                    "5Gi",
                    List.of(
                        new HostAlias("10.0.0.5", List.of("a.local", "b.local")),
                        new HostAlias("fd00::7", List.of("c")),
                        new HostAlias("::1", List.of("d"))),
                    true,
                    List.of())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"ipBlock\": {\"cidr\": \"10.0.0.0/24\", \"except\": [\"10.0.0.7/32\"]}}]",
        "'[{\"ipBlock\":{\"cidr\":\"10.0.0.0/24\",\"except\":[\"10.0.0.7/32\"]}}]'"
      })
  void whoMayConnectIsSaidAsInANetworkPolicy(String peers) throws Exception {
    assertThat(peers(peers))
        .map(Object::toString)
        .singleElement()
        .asString()
        .contains("10.0.0.7/32");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "[]"})
  void unlessSomebodyIsNamedEverybodyMayConnect(String peers) throws Exception {
    assertThat(peers(peers)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        "10.0.0.0/24",
        "[null]",
        "{\"ipBlock\": {\"cidr\": \"10.0.0.0/24\"}}",
        "[\"10.0.0.0/24\"]",
        "[{\"ipBlock\""
      })
  void whoeverMayConnectIsNotGuessed(String peers) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> peers(peers))
        .withMessageContaining("HP_K8S_NETWORK_POLICY")
        .withMessageContaining("peers of a NetworkPolicy in JSON");
  }

  private List<?> peers(String text) throws Exception {
    return read("HP_K8S_ENABLED", "true", "HP_K8S_NETWORK_POLICY", text)
        .first()
        .places()
        .cluster()
        .orElseThrow()
        .standards()
        .peers();
  }

  @ParameterizedTest
  @CsvSource({
    "10.96.0.1, 443, https://10.96.0.1:443",
    "fd00::1, 443, https://[fd00::1]:443",
    "[fd00::1], 443, https://[fd00::1]:443",
    "10.96.0.1, '', https://10.96.0.1:443",
  })
  void theApiServerIsTheOneThatPodsAreTold(String host, String port, String url) throws Exception {
    assertThat(
            read(
                    "HP_K8S_ENABLED", "true",
                    "KUBERNETES_SERVICE_HOST", host,
                    "KUBERNETES_SERVICE_PORT", port)
                .first()
                .places()
                .cluster()
                .flatMap(ClusterSettings::apiServer))
        .hasValue(url);
  }

  @Test
  void podsDialInWhereTheyAreTold() throws Exception {
    assertThat(read().tunnels().fromCluster()).isEmpty();
    assertThat(read("HP_K8S_FRP_ADDRESS", "'harp.example.com:8782'").tunnels().fromCluster())
        .hasValue(new ListenAddress("harp.example.com", 8782));
    assertThat(read("HP_K8S_FRP_ADDRESS", "[fd00::1]:8782").tunnels().fromCluster())
        .hasValue(new ListenAddress("fd00::1", 8782));
  }

  @ParameterizedTest
  @ValueSource(strings = {"harp", ":8782", "0.0.0.0:8782", "[::]:8782", "harp:0", "a b:1"})
  void whatLeadsPodsNowhereIsAMistake(String address) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> read("HP_K8S_FRP_ADDRESS", address))
        .withMessageContaining("HP_K8S_FRP_ADDRESS");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HP_K8S_API_SERVER|k8s.example|expected a URL",
        "HP_K8S_API_SERVER|https://user@k8s.example|expected a URL",
        "HP_K8S_API_SERVER|''|found nothing, and this is no pod",
        "HP_K8S_API_SERVER|http://127.0.0.1:8001|not https",
        "HP_K8S_NAMESPACE|Apps|expected the name of a namespace",
        "HP_K8S_VERIFY_SSL|false|whoever is in the way",
        "HP_K8S_HOST_ALIASES|a:10.0.0.1,nonsense|left out 'nonsense'",
        "HP_K8S_HOST_ALIASES|a/b:10.0.0.1|left out 'a/b:10.0.0.1'",
      })
  void whatIsOddWarns(String variable, String value, String warning) throws Exception {
    var configuration =
        read("HP_K8S_ENABLED", "true", "HP_K8S_API_SERVER", "https://k8s.example", variable, value);

    assertThat(configuration.remarks().warnings())
        .anySatisfy(it -> assertThat(it).contains(variable, warning));
    assertThat(configuration.first().places().cluster()).isPresent();
  }

  private Configuration read(String... variables) throws Exception {
    var values = new HashMap<String, String>();
    for (var i = 0; i < variables.length; i += 2) {
      values.put(variables[i], variables[i + 1]);
    }
    return readWith(values);
  }
}
