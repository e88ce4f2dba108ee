// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.kubernetes.testing.RealCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is in {@code packaging/kubernetes} is taken by a real API server. */
@ExtendWith(RealCluster.class)
class ManifestsTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("harp.root", ".."), "packaging/kubernetes")
          .toAbsolutePath()
          .normalize();

  @BeforeAll
  static void makeWhatIsThereBefore() {
    RealCluster.kubectl("create", "namespace", "nextcloud");
    RealCluster.kubectl("create", "namespace", "nextcloud-exapps");
  }

  @AfterAll
  static void removeAll() {
    RealCluster.kubectl("delete", "-k", FOLDER.toString(), "--ignore-not-found");
    RealCluster.kubectl("delete", "namespace", "nextcloud", "nextcloud-exapps");
  }

  @Test
  void allOfItIsApplied() {
    assertThat(RealCluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-k", dir()))
        .contains("deployment.apps/harp created (server dry run)");

    RealCluster.kubectl("apply", "-k", dir());

    assertThat(mayHarp("list", "pods", "nextcloud-exapps")).isEqualTo("yes");
    assertThat(mayHarp("list", "nodes", "nextcloud-exapps")).isEqualTo("yes");
    assertThat(mayHarp("create", "networkpolicies", "nextcloud-exapps")).isEqualTo("yes");
    assertThat(mayHarp("get", "secrets", "nextcloud-exapps")).isEqualTo("no");
    assertThat(mayHarp("list", "pods", "nextcloud")).isEqualTo("no");
    assertThat(mayHarp("create", "networkpolicies", "nextcloud")).isEqualTo("no");
  }

  @Test
  void thePodOfHarpFulfilsTheRestrictedStandard() {
    RealCluster.kubectl(
        "label", "namespace", "nextcloud", "pod-security.kubernetes.io/warn=restricted");

    assertThat(RealCluster.kubectl("apply", "--dry-run=server", "-k", dir()))
        .doesNotContain("Warning")
        .contains("deployment.apps/harp");
  }

  @Test
  void theDoctorPrintsWhatIsApplied() throws IOException {
    assertThat(Files.readString(FOLDER.resolve("plain/harp.yaml")))
        .contains(rules(printed("role.yaml")) + printed("role-networkpolicies.yaml"))
        .contains(rules(printed("nodes.yaml")));
  }

  private static String printed(String file) throws IOException {
    try (InputStream printed =
        KubernetesCluster.class.getResourceAsStream("/io/github/harp/kubernetes/" + file)) {
      return new String(printed.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String rules(String role) {
    return role.substring(role.indexOf("rules:"));
  }

  private static String dir() {
    return FOLDER.toString();
  }

  static String mayHarp(String verb, String resource, String namespace) {
    return RealCluster.kubectlWhateverTheEnd(
            "auth",
            "can-i",
            verb,
            resource,
            "--namespace=" + namespace,
            "--as=system:serviceaccount:nextcloud:harp")
        .lines()
        .filter(line -> line.equals("yes") || line.equals("no"))
        .findFirst()
        .orElse("?");
  }
}
