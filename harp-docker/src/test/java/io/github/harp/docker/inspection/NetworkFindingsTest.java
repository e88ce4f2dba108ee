// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.docker.inspection.EngineNetworks.Container;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NetworkFindingsTest {

  private static final String OWN_ID = "0123456789abcdef".repeat(4);
  private static final String OTHER_ID = "fedcba9876543210".repeat(4);

  private final List<Container> containers = new ArrayList<>();

  @Test
  void anExAppThatMeetsHarpInANetworkOfTheirOwnIsFine() {
    harp("nextcloud");
    exApp("nextcloud", "nextcloud", "harp:8782");

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.OK);
    assertThat(finding.seen())
        .contains("[bridge, host, nextcloud, other]")
        .contains("HaRP (harp) is in nextcloud")
        .contains("nc_app_demo is in nextcloud");
  }

  @Test
  void aNetworkThatIsGoneIsNamedWithTheCommandThatMakesIt() {
    exApp("old", "old", "harp:8782");

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("nc_app_demo", "engine 24000", "'old'", "nextcloud");
    assertThat(finding.remedy()).contains("docker network create old", "--net");
  }

  @Test
  void aContainerThatDialsItselfIsToldWhyItsTunnelNeverComesUp() {
    exApp("bridge", "bridge", "127.0.0.1:8782");

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("127.0.0.1:8782", "'bridge'");
    assertThat(finding.meaning()).contains("the container itself");
    assertThat(finding.remedy()).contains("--harp_frp_address harp:8782", "--net host");
  }

  @Test
  void onTheHostsNetworkLoopbackIsRight() {
    exApp("host", "host", "127.0.0.1:8782");

    assertThat(only().severity()).isEqualTo(Severity.OK);
  }

  @Test
  void theDefaultNetworkResolvesNoNames() {
    exApp("bridge", "bridge", "harp:8782");

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
    assertThat(finding.meaning()).contains("do not resolve", "'harp'");
    assertThat(finding.remedy()).contains("docker network create nextcloud", "--net nextcloud");
  }

  @Test
  void aNameOfTheWorldOrAnAddressIsFineEverywhere() {
    harp("nextcloud");
    exApp("bridge", "bridge", "harp.example.com:8782");
    exApp("other", "other", "192.0.2.7:8782");

    assertThat(only().severity()).isEqualTo(Severity.OK);
  }

  @Test
  void anExAppInAnotherNetworkThanHarpGetsTheCommandThatConnectsThem() {
    harp("nextcloud");
    exApp("other", "other", "harp:8782");

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.seen()).contains("is in [other]", "HaRP's container harp in [nextcloud]");
    assertThat(finding.meaning()).contains("does not find harp:8782");
    assertThat(finding.remedy()).startsWith("docker network connect other harp");
  }

  @Test
  void anExAppWithoutTunnelOnTheHostsNetworkIsOutOfReachOfHarpInAContainer() {
    harp("nextcloud");
    containers.add(
        new Container(OTHER_ID, "nc_app_demo", "host", Set.of("host"), Optional.empty()));

    var finding = only();

    assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
    assertThat(finding.meaning()).contains("HaRP does not reach it");
    assertThat(finding.remedy()).contains("--network host", "--net nextcloud");
  }

  @Test
  void aHarpOnTheHostReachesEveryNetwork() {
    harp("host");
    containers.add(
        new Container(OTHER_ID, "nc_app_demo", "other", Set.of("other"), Optional.empty()));

    assertThat(only().severity()).isEqualTo(Severity.OK);
  }

  @Test
  void anEngineThatDoesNotTellIsNotJudged() {
    assertThat(
            NetworkFindings.of("engine 24000", EngineNetworks.UNKNOWN, Optional.of(OWN_ID)).judge())
        .isEmpty();
  }

  @Test
  void theOwnContainerIsFoundAmongTheMountsThatItsEngineMade() {
    var docker =
        "640 631 254:1 /var/lib/docker/containers/%s/hostname /etc/hostname rw - ext4 /dev/vda1"
            + " rw\n";
    var podman =
        "9 8 0:24 /containers/overlay-containers/%s/userdata/hosts /etc/hosts rw - tmpfs tmpfs"
            + " rw\n";

    assertThat(OwnContainer.in(docker.formatted(OWN_ID))).contains(OWN_ID);
    assertThat(OwnContainer.in(podman.formatted(OWN_ID))).contains(OWN_ID);
    assertThat(OwnContainer.in("22 1 254:1 / / rw - ext4 /dev/root rw\n")).isEmpty();
  }

  private void harp(String network) {
    containers.add(new Container(OWN_ID, "harp", network, Set.of(network), Optional.empty()));
  }

  private void exApp(String mode, String network, String tunnelServer) {
    containers.add(
        new Container(OTHER_ID, "nc_app_demo", mode, Set.of(network), Optional.of(tunnelServer)));
  }

  private Finding only() {
    var networks = new EngineNetworks(Set.of("bridge", "host", "nextcloud", "other"), containers);
    var findings = NetworkFindings.of("engine 24000", networks, Optional.of(OWN_ID)).judge();
    assertThat(findings).hasSize(1);
    return findings.get(0);
  }
}
