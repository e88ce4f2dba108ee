// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import io.github.harp.launcher.config.Configuration.Node;
import io.github.harp.launcher.config.environment.ConfigurationException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodesReaderTest extends ReadsVariables {

  private Optional<HarpClusterOptions> read(Map<String, String> variables) throws Exception {
    return node(variables).map(Node::options);
  }

  private Optional<Node> node(Map<String, String> variables) throws Exception {
    return readWith(variables).nodes();
  }

  @Test
  void thereIsOneNodeUnlessTheVariableIsSet() throws Exception {
    assertThat(read(Map.of())).isEmpty();
    assertThat(read(Map.of("HP_CLUSTER_URL", ""))).isEmpty();
  }

  @Test
  void everythingCanBeSaid() throws Exception {
    var password = Files.writeString(root.resolve("password"), "secret");
    var authorities = Files.writeString(root.resolve("ca.pem"), "");

    assertThat(
            read(
                Map.of(
                    "HP_CLUSTER_URL",
                    "'rediss://harp@cache'",
                    "HP_CLUSTER_PASSWORD_FILE",
                    password.toString(),
                    "HP_CLUSTER_CA_FILE",
                    authorities.toString(),
                    "HP_CLUSTER_NODE",
                    " one ")))
        .hasValue(
            new HarpClusterOptions(
                RedisServers.parse("rediss://harp@cache"),
                Optional.of(password),
                Optional.of(authorities),
                "one"));
  }

  @Test
  void aNodeIsCalledAsItsHostUnlessItHasANameOfItsOwn() throws Exception {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/hostname"), "gateway-7.example.com\n");

    var url = Map.of("HP_CLUSTER_URL", "redis://cache");
    assertThat(read(url).orElseThrow().node()).isEqualTo("gateway-7.example.com");
    assertThat(
            read(Map.of("HP_CLUSTER_URL", "redis://cache", "HOSTNAME", "3f2a"))
                .orElseThrow()
                .node())
        .isEqualTo("3f2a");
    Files.delete(root.resolve("etc/hostname"));
    assertThatThrownBy(() -> read(url))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("HP_CLUSTER_NODE")
        .hasMessageContaining("a name that no other node has");
  }

  @Test
  void othersReachANodeWhereItSaysOrWhereItListens() throws Exception {
    var node =
        node(Map.of(
                "HP_CLUSTER_URL",
                "redis://cache",
                "HP_CLUSTER_NODE",
                "one",
                "HP_CLUSTER_ADDRESS",
                "10.1.2.3:9000"))
            .orElseThrow();
    assertThat(node.address()).hasToString("10.1.2.3:9000");
    assertThat(node.reachedAt(9000)).hasToString("10.1.2.3:9000");

    var everywhere = Map.of("HP_CLUSTER_URL", "redis://cache", "HP_CLUSTER_NODE", "one");
    assertThat(node(everywhere).orElseThrow().address()).hasToString("0.0.0.0:8783");
    assertThat(node(everywhere).orElseThrow().reachedAt(8783).host())
        .doesNotStartWith("127.")
        .isNotEqualTo("0.0.0.0");

    var named = new HashMap<>(everywhere);
    named.put("HP_CLUSTER_ADVERTISE", "one.example.com:7");
    assertThat(node(named).orElseThrow().reachedAt(8783)).hasToString("one.example.com:7");
    named.put("HP_CLUSTER_ADVERTISE", "one.example.com");
    assertThatThrownBy(() -> node(named)).hasMessageContaining("HP_CLUSTER_ADVERTISE");
  }

  @Test
  void whatCannotBeUsedIsAMistakeThatShowsNoPassword() {
    assertThatThrownBy(() -> read(Map.of("HP_CLUSTER_URL", "redis://harp:secret@cache")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("HP_CLUSTER_URL")
        .hasMessageContaining("redis://user@host:6379/0")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(
            () ->
                read(
                    Map.of(
                        "HP_CLUSTER_URL",
                        "redis://cache",
                        "HP_CLUSTER_PASSWORD_FILE",
                        root.resolve("none").toString())))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("HP_CLUSTER_PASSWORD_FILE")
        .hasMessageContaining("a readable file");
  }
}
