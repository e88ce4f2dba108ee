// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EngineFindingsTest {

  @Test
  void anEngineThatIsOlderThanAppApiAsksForGivesTheCommandForAppApi() {
    var finding = judge("Docker", "20.10.24", "1.41", "").get(0);

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("engine 24000", "API 1.41");
    assertThat(finding.remedy())
        .contains("occ config:app:set app_api docker_api_version --value=v1.41");
  }

  @Test
  void f19_docker2010IsToldFromNewerOnes() {
    var old = judge("Docker", "20.10.24", "1.41", "1.12").get(0);
    var current = judge("Docker", "29.7.2", "1.55", "1.40").get(0);
    var future = judge("Docker", "40.0.0", "2.10", "2.1").get(0);

    assertThat(old.remedy()).contains("docker_api_version --value=v1.41");
    assertThat(current.severity()).isEqualTo(Severity.OK);
    assertThat(future.severity()).isEqualTo(Severity.WARNING);
    assertThat(future.remedy()).contains("docker_api_version --value=v2.1");
  }

  @Test
  void f19_podmanAnswersAnyVersion() {
    assertThat(judge("Podman", "4.3.1", "1.41", "1.24"))
        .extracting(Finding::severity)
        .containsOnly(Severity.OK);
  }

  @Test
  void f19_cudaOnPodmanWithoutDevicesIsAWarning() {
    var without = new HostAccess(Set.of(), true, Set.of());
    var given = new HostAccess(Set.of(), true, Set.of("/dev/n"));
    var findings = judge("Podman", "5.4.2", "1.41", "1.24", without);
    var withDevices = judge("Podman", "5.4.2", "1.41", "1.24", given);
    var onDocker = judge("Docker", "29.7.2", "1.55", "1.40", without);

    assertThat(findings)
        .filteredOn(finding -> finding.severity() == Severity.WARNING)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.seen()).contains("nc_app_demo", "engine 24000", "cuda");
              assertThat(finding.remedy()).contains("cdi", "containers.conf");
            });
    assertThat(withDevices).extracting(Finding::severity).containsOnly(Severity.OK);
    assertThat(onDocker).extracting(Finding::severity).containsOnly(Severity.OK);
  }

  private static List<Finding> judge(String product, String version, String api, String oldest) {
    return judge(product, version, api, oldest, HostAccess.NONE);
  }

  private static List<Finding> judge(
      String product, String version, String api, String oldest, HostAccess access) {
    var exApp =
        new EngineNetworks.Container(
            "0f", "nc_app_demo", "host", Set.of("host"), Optional.empty(), access);
    var networks = new EngineNetworks(Set.of("host"), List.of(exApp));
    var facts = new EngineFacts(product, version, api, oldest, "Debian", "/nowhere", networks);
    return new EngineFindings("engine 24000", facts).findings().toList();
  }
}
