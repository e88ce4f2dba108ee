// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountRulesTest {

  @ParameterizedTest(name = "S10: {0}")
  @ValueSource(
      strings = {
        "/srv/models",
        "/etc",
        "/etc/ssl",
        "/root",
        "/home/alice",
        "/dev",
        "/dev/sda",
        "/sys",
        "/boot",
        "/opt/harp/certs",
        "/var/lib/docker/volumes/nextcloud/_data",
        "/var/lib/docker/volumes/nc_app_other_data/_data",
        "/mnt",
      })
  void s10_nothingOfTheHostIsAllowedUnlessItIsNamed(String source) {
    assertRefused(MountRules.none(), new Mount(source, "/x", true), "HP_ALLOWED_MOUNTS=" + source);
    assertThat(MountRules.none().allows(source)).isFalse();
  }

  @ParameterizedTest(name = "S10: {0} allows {1}: {2}")
  @CsvSource({
    "/srv, /srv, true",
    "/srv, /srv/models, true",
    "/srv/, //srv/./models/, true",
    "/srv, /srv2, false",
    "/srv, /srvmodels/a, false",
    "/srv, /SRV/models, false",
    "/srv/models, /srv, false",
    "/srv/models, /, false",
    "/, /mnt/data with blanks/ü, true",
    "/home, /home/..hidden, true",
    "/var/run/x, /run/x/y, true",
    "/run/x, /var/run/x/y, true",
    "/variety, /var/run, false",
  })
  void s10_aFolderAllowsWhatIsInItAndNothingBesideIt(String folder, String source, boolean is) {
    assertThat(MountRules.none().allowing(List.of(folder)).allows(source)).isEqualTo(is);
  }

  @ParameterizedTest(name = "S10: {0} allows {1}: {2}")
  @CsvSource({
    "/var, /var/lib/docker, false",
    "/var, /var/lib/docker/volumes/a/_data, false",
    "/var, /VAR/Lib/docker, false",
    "/var, /var/lib, false",
    "/var, /var/www, true",
    "/var/lib/docker/volumes, /var/lib/docker/volumes/a/_data, true",
    "/var/lib/docker, /var/lib/docker/volumes, true",
    "/run, /run/docker.sock, false",
    "/run, /var/run/docker.sock, false",
    "/run, /run/user/1000/podman/podman.sock, false",
    "/run/user/1000/podman/podman.sock, /run/user/1000/podman/podman.sock, true",
    "/run/docker.sock, /var/run/docker.sock, true",
    "/, /proc/1/root, false",
    "/, /, true",
    "/data, /data/engine/api, false",
    "/data, /data/engine, false",
    "/data, /data/Engine/api, false",
    "/data, /data/engines, true",
    "/data/engine/api, /data/engine/api, true",
  })
  void s10_whatOpensTheEngineIsNotAllowedByAFolderAboveIt(
      String folder, String source, boolean is) {
    var rules = MountRules.none().guarding(List.of("/data/engine/api")).allowing(List.of(folder));

    assertThat(rules.allows(source)).isEqualTo(is);
    if (is || !source.equals(source.toLowerCase(Locale.ROOT))) {
      return;
    }
    assertRefused(
        rules, new Mount(source, "/x", false), "HP_ALLOWED_MOUNTS=" + folder + "," + source);
  }

  @Test
  void s10_theLineAllowsEverythingThatWasAskedForAndNamesNothingTwice() {
    var rules = MountRules.none().allowing(List.of("/srv"));
    var sources =
        List.of(
            "/srv/a", "/mnt/b/c", "/mnt/b", "/opt/x,y", "/opt/x,y/z", "/a,b", "/run/docker.sock");

    assertThat(rules.lineAllowing(sources))
        .isEqualTo("HP_ALLOWED_MOUNTS=/srv,/mnt/b,/opt,/run/docker.sock");
  }

  @Test
  void s10_whatAllowedFoldersGiveAwayOfTheEngineIsKnown() {
    var rules =
        MountRules.none()
            .guarding(List.of("/data/engine/api"))
            .allowing(
                List.of("/srv", "/data", "/var/lib/docker/volumes", "/home/a/podman.sock", "/"));

    assertThat(rules.openings())
        .extracting(MountRules.Opening::folder)
        .containsExactly("/", "/data", "/home/a/podman.sock", "/var/lib/docker/volumes");
    assertThat(MountRules.none().allowing(List.of("/srv", "/variety")).openings()).isEmpty();
  }

  @Test
  void pathsAreNormalised() {
    assertThat(
            MountRules.none()
                .allowing(List.of("/srv/."))
                .check("mount_points[0]", new Mount("//srv/./models/", "/a//b/", false)))
        .isEqualTo(new Mount("/srv/models", "/a/b", false));
  }

  @ParameterizedTest(name = "W1 {0}")
  @ValueSource(
      strings = {
        "",
        "data",
        "./data",
        "nc_app_demo_data",
        "/srv/../etc",
        "/..",
        "/srv/..",
        "/a\u0000b",
        "/a\nb",
      })
  void w1_pathsAreAbsoluteAndWithoutParents(String path) {
    var rules = MountRules.none().allowing(List.of("/"));

    assertRefused(rules, new Mount(path, "/models", true), "source");
    assertRefused(rules, new Mount("/srv", path, true), "target");
  }

  @ParameterizedTest(name = "W1 {0}")
  @ValueSource(
      strings = {
        "/",
        "//",
        "/./",
        "/var/run/docker.sock",
        "/run//docker.sock",
        "/run/user/1000/docker.sock",
        "/run/podman/podman.sock",
        "/run/podman",
        "/run",
        "/run/",
        "/var/run",
        "/var",
        "/var/lib",
        "/var/lib/docker",
        "/proc",
        "/proc/1/root",
      })
  void w1_whatOpensTheHostHasToBeAllowed(String source) {
    assertRefused(MountRules.none(), new Mount(source, "/x", true), "host");
    assertThat(
            MountRules.none()
                .allowing(List.of(source))
                .check("mount_points[0]", new Mount(source, "/x", true)))
        .isNotNull();
  }

  @Test
  void allowingOneDoesNotAllowItsParents() {
    var rules = MountRules.none().allowing(List.of("/var/run/docker.sock"));

    assertRefused(rules, new Mount("/", "/host", true), "host");
    assertRefused(rules, new Mount("/var/run", "/host", true), "host");
  }

  @Test
  void theTargetIsNotTheContainersRoot() {
    assertRefused(MountRules.none(), new Mount("/srv", "/", true), "target");
  }

  private static void assertRefused(MountRules rules, Mount mount, String message) {
    assertThatThrownBy(() -> rules.check("mount_points[0]", mount))
        .isInstanceOfSatisfying(
            HarpException.class,
            refused -> assertThat(refused.code()).isEqualTo(HarpException.Code.BAD_REQUEST))
        .hasMessageStartingWith("mount_points[0].")
        .hasMessageContaining(message);
  }
}
