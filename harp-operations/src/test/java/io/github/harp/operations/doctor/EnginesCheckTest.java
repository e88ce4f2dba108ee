// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.InstanceName;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.PlaceReport;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.operations.TestNextclouds;
import io.github.harp.proxy.upstream.LocalEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnginesCheckTest {

  private final InMemoryExAppRuntime runtime = new InMemoryExAppRuntime();
  private final ExAppRuntimes runtimes = ExAppRuntimes.onEngines(number -> runtime);

  @Test
  void eachEngineTellsItsOwnFindings() {
    runtime.describedAs(
        new PlaceReport(
            "memory", List.of(Finding.ok("new"), Finding.ok("room").about("networks"))));

    assertThat(examine(runtimes, Map.of(), 24000, 24001))
        .extracting(Finding::seen, Finding::about)
        .containsExactly(
            tuple("new", ""),
            tuple("room", "networks"),
            tuple("new", ""),
            tuple("room", "networks"));
  }

  @Test
  void soDoesTheClusterWhereOneIsSetUp() {
    runtime.describedAs(new PlaceReport("memory", List.of(Finding.ok("three nodes"))));

    assertThat(examine(place -> runtime, Map.of()))
        .containsExactly(Finding.ok("three nodes").about("cluster"));
  }

  @Test
  void s10_mountsThatAreNotAllowedAnyMoreAreToldWithTheLineThatAllowsThem() {
    runtime.describedAs(mounting("/mnt/models", "/mnt", "/srv/a"));

    var finding = named("mounts", examine(runtimes, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("nc_app_demo on engine 24000", "/mnt, /mnt/models, /srv/a");
    assertThat(finding.meaning()).contains("refused", "400");
    assertThat(finding.remedy()).endsWith("HP_ALLOWED_MOUNTS=/srv,/mnt");
  }

  @Test
  void s10_mountsThatAreAllowedAreShown() {
    runtime.describedAs(mounting("/srv/a"));

    var finding = named("mounts", examine(runtimes, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.OK);
    assertThat(finding.seen()).contains("nc_app_demo", "/srv/a");
  }

  @Test
  void s10_anAllowedFolderThatHoldsTheEnginesDataIsAWarning() {
    runtime.describedAs(new PlaceReport("memory", List.of(), Optional.of("/srv/docker"), Map.of()));

    var finding = named("mounts", examine(runtimes, Map.of(), 24000));

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.seen()).contains("HP_ALLOWED_MOUNTS=/srv", "/srv/docker", "engine 24000");
  }

  @Test
  void mountsAreJudgedByTheRulesOfWhoseTheContainerIs() {
    runtime.describedAs(
        new PlaceReport(
            "memory",
            List.of(Finding.ok("new")),
            Optional.of("/srv/docker"),
            Map.of("nc_app_demo", Set.of("/srv/a"), "nc_two_app_demo", Set.of("/srv/b"))));
    var engines = UndialledEngines.numbered(24000);
    var two =
        TestNextclouds.named(
            new InstanceName("two"), "", MountRules.none().saidIn("two's allowed_mounts"));
    var ofTwo = new EnginesCheck(TestNextclouds.served(two, engines, runtimes)).examine();

    assertThat(ofTwo.skip(1))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.WARNING);
              assertThat(finding.seen())
                  .contains(
                      "nc_two_app_demo on engine 24000",
                      "/srv/b",
                      "two's allowed_mounts= does not allow")
                  .doesNotContain("nc_app_demo");
              assertThat(finding.remedy()).endsWith("two's allowed_mounts=/srv/b");
            });
    assertThat(examine(runtimes, Map.of(), 24000))
        .extracting(Finding::seen)
        .noneMatch(it -> it.contains("nc_two_app_demo"))
        .anyMatch(it -> it.contains("nc_app_demo"));
  }

  private static Finding named(String check, List<Finding> findings) {
    return findings.stream().filter(it -> it.about().equals(check)).findFirst().orElseThrow();
  }

  private static PlaceReport mounting(String... folders) {
    return new PlaceReport(
        "memory", List.of(), Optional.empty(), Map.of("nc_app_demo", Set.of(folders)));
  }

  @ParameterizedTest
  @CsvSource({
    "connection refused, systemctl status docker",
    "Permission denied, usermod -aG docker harp"
  })
  void anEngineThatDoesNotAnswerIsAFailureWithItsReason(String reason, String remedy) {
    var down =
        ExAppRuntimes.onEngines(
            number -> {
              throw new HarpException(HarpException.Code.UNREACHABLE, reason);
            });

    var finding = examine(down, Map.of(), 24000).get(0);

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains(reason);
    assertThat(finding.remedy()).contains(remedy);
  }

  @Test
  void aSocketThatIsNotThereYetIsToldFromNoEngineAtAll() {
    var missing = new LocalEngine.Unix(Path.of("/var/run/docker.sock"));

    var configured = examine(runtimes, Map.of(EngineNumber.FIRST, missing)).get(0);
    var none = examine(runtimes, Map.of()).get(0);

    assertThat(configured.severity()).isEqualTo(Severity.FAILURE);
    assertThat(configured.seen()).contains("24000", "/var/run/docker.sock", "does not exist");
    assertThat(none.severity()).isEqualTo(Severity.NOTE);
  }

  private static List<Finding> examine(
      ExAppRuntimes runtimes, Map<EngineNumber, LocalEngine> configured, int... numbers) {
    var facts = TestNextclouds.with(configured, MountRules.none().allowing(List.of("/srv")));
    var served = TestNextclouds.served(facts, UndialledEngines.numbered(numbers), runtimes);
    return new EnginesCheck(served).examine().toList();
  }
}
