// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.kubernetes.testing.RealCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in {@code packaging/kubernetes} is taken by a real API server. */
@ExtendWith(RealCluster.class)
class ManifestsTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("harp.root", ".."), "packaging/kubernetes")
          .toAbsolutePath()
          .normalize();

  @BeforeEach
  void makeWhatIsThereBefore() {
    RealCluster.kubectl("create", "namespace", "nextcloud");
    RealCluster.kubectl("create", "namespace", "nextcloud-exapps");
  }

  @AfterEach
  void removeAll() {
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
    assertThat(mayHarp("get", "secrets", "nextcloud-exapps")).isEqualTo("no");
    assertThat(mayHarp("list", "pods", "nextcloud")).isEqualTo("no");
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
  void theIngressIsTaken() {
    RealCluster.kubectl(
        "apply",
        "--dry-run=server",
        "--validate=strict",
        "-f",
        FOLDER.resolve("examples/ingress.yaml").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"role.yaml", "nodes.yaml"})
  void theDoctorPrintsWhatIsApplied(String file) throws IOException {
    try (InputStream printed =
        KubernetesCluster.class.getResourceAsStream("/io/github/harp/kubernetes/" + file)) {
      assertThat(printed).hasContent(Files.readString(FOLDER.resolve("exapps").resolve(file)));
    }
  }

  private static String dir() {
    return FOLDER.toString();
  }

  private static String mayHarp(String verb, String resource, String namespace) {
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
