// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.ExAppRuntimes;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.EngineFacts;
import io.github.harp.core.runtime.EngineNetworks;
import io.github.harp.core.runtime.HostAccess;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.MountRules;
import io.github.harp.core.testing.UndialledEngines;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EnginesCheckTest {

  /** Speaks API 1.41, as the engine of Debian 12 does. */
  private final InMemoryExAppRuntime runtime = new InMemoryExAppRuntime();

  @Test
  void anEngineThatIsOlderThanAppApiAsksForGivesTheCommandForAppApi() {
    var finding = examine(place -> runtime, Map.of(), 24000).get(0);

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("engine 24000", "API 1.41");
    assertThat(finding.remedy())
        .contains("occ config:app:set app_api docker_api_version --value=v1.41");
  }

  @Test
  void f19_docker2010IsToldFromNewerOnes() {
    runtime.describedAs(facts("Docker", "20.10.24", "1.41", "1.12"));
    var old = examine(place -> runtime, Map.of(), 24000).get(0);
    runtime.describedAs(facts("Docker", "29.7.2", "1.55", "1.40"));
    var current = examine(place -> runtime, Map.of(), 24000).get(0);
    runtime.describedAs(facts("Docker", "40.0.0", "2.10", "2.1"));
    var future = examine(place -> runtime, Map.of(), 24000).get(0);

    assertThat(old.remedy()).contains("docker_api_version --value=v1.41");
    assertThat(current.severity()).isEqualTo(Severity.OK);
    assertThat(future.severity()).isEqualTo(Severity.WARNING);
    assertThat(future.remedy()).contains("docker_api_version --value=v2.1");
  }

  @Test
  void f19_podmanAnswersAnyVersion() {
    runtime.describedAs(facts("Podman", "4.3.1", "1.41", "1.24"));

    assertThat(examine(place -> runtime, Map.of(), 24000))
        .extracting(Finding::severity)
        .containsOnly(Severity.OK);
  }

  @Test
  void f19_cudaOnPodmanWithoutDevicesIsAWarning() {
    var without = new HostAccess(Set.of(), true, Set.of());
    runtime.describedAs(facts("Podman", "5.4.2", "1.41", "1.24", without));
    var findings = examine(place -> runtime, Map.of(), 24000);
    runtime.describedAs(
        facts("Podman", "5.4.2", "1.41", "1.24", new HostAccess(Set.of(), true, Set.of("/dev/n"))));
    var withDevices = examine(place -> runtime, Map.of(), 24000);
    runtime.describedAs(facts("Docker", "29.7.2", "1.55", "1.40", without));
    var onDocker = examine(place -> runtime, Map.of(), 24000);

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

  @Test
  void s10_mountsThatAreNotAllowedAnyMoreAreToldWithTheLineThatAllowsThem() {
    runtime.describedAs(
        facts(
            "Docker",
            "29.7.2",
            "1.55",
            "1.40",
            new HostAccess(Set.of("/mnt/models", "/mnt", "/srv/a"), false, Set.of())));

    var finding = named("mounts", examine(place -> runtime, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("nc_app_demo on engine 24000", "/mnt, /mnt/models, /srv/a");
    assertThat(finding.meaning()).contains("refused", "400");
    assertThat(finding.remedy()).endsWith("HP_ALLOWED_MOUNTS=/srv,/mnt");
  }

  @Test
  void s10_mountsThatAreAllowedAreShown() {
    runtime.describedAs(
        facts(
            "Docker", "29.7.2", "1.55", "1.40", new HostAccess(Set.of("/srv/a"), false, Set.of())));

    var finding = named("mounts", examine(place -> runtime, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.OK);
    assertThat(finding.seen()).contains("nc_app_demo", "/srv/a");
  }

  @Test
  void s10_anAllowedFolderThatHoldsTheEnginesDataIsAWarning() {
    runtime.describedAs(
        new EngineFacts(
            "Docker", "29.7.2", "1.55", "1.40", "Debian", "/srv/docker", EngineNetworks.UNKNOWN));

    var finding = named("mounts", examine(place -> runtime, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("HP_ALLOWED_MOUNTS=/srv", "/srv/docker", "engine 24000");
  }

  private static Finding named(String check, List<Finding> findings) {
    return findings.stream().filter(it -> it.about().equals(check)).findFirst().orElseThrow();
  }

  private static EngineFacts facts(String product, String version, String api, String oldest) {
    return facts(product, version, api, oldest, HostAccess.NONE);
  }

  private static EngineFacts facts(
      String product, String version, String api, String oldest, HostAccess access) {
    var exApp =
        new EngineNetworks.Container(
            "0f", "nc_app_demo", "host", Set.of("host"), Optional.empty(), access);
    return new EngineFacts(
        product,
        version,
        api,
        oldest,
        "Debian",
        "/nowhere",
        new EngineNetworks(Set.of("host"), List.of(exApp)));
  }

  @Test
  void anEngineThatDoesNotAnswerIsAFailureWithItsReason() {
    ExAppRuntimes down =
        place -> {
          throw new HarpException(HarpException.Code.UNREACHABLE, "connection refused");
        };

    var finding = examine(down, Map.of(), 24000).get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("connection refused");
  }

  @Test
  void aSocketThatIsNotThereYetIsToldFromNoEngineAtAll() {
    var missing = "unix:///var/run/docker.sock";

    var configured = examine(place -> runtime, Map.of(EngineNumber.FIRST, missing)).get(0);
    var none = examine(place -> runtime, Map.of()).get(0);

    assertThat(configured.severity()).isEqualTo(Severity.FAILURE);
    assertThat(configured.seen()).contains("24000", "/var/run/docker.sock", "does not exist");
    assertThat(none.severity()).isEqualTo(Severity.NOTE);
  }

  private static List<Finding> examine(
      ExAppRuntimes runtimes, Map<EngineNumber, String> configured, int... numbers) {
    return new EnginesCheck(
            UndialledEngines.numbered(numbers),
            runtimes,
            configured,
            Optional.empty(),
            MountRules.none().allowing(List.of("/srv")))
        .examine()
        .toList();
  }
}
