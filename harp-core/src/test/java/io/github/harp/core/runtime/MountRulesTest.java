// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountRulesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/srv/models",
        "/mnt/data with blanks/ü",
        "/var/lib/docker/volumes/nextcloud/_data",
        "/run/user",
        "/variety",
        "/home/..hidden",
      })
  void ordinaryFoldersAreAllowed(String source) {
    var mount = new Mount(source, "/models", true);

    assertThat(MountRules.standard().check("mount_points[0]", mount)).isEqualTo(mount);
  }

  @Test
  void pathsAreNormalised() {
    assertThat(
            MountRules.standard()
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
    assertRefused(MountRules.standard(), new Mount(path, "/models", true), "source");
    assertRefused(MountRules.standard(), new Mount("/srv", path, true), "target");
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
    assertRefused(MountRules.standard(), new Mount(source, "/x", true), "host");
    assertThat(
            MountRules.standard()
                .allowing(List.of(source))
                .check("mount_points[0]", new Mount(source, "/x", true)))
        .isNotNull();
  }

  @Test
  void allowingOneDoesNotAllowItsParents() {
    var rules = MountRules.standard().allowing(List.of("/var/run/docker.sock"));

    assertRefused(rules, new Mount("/", "/host", true), "host");
    assertRefused(rules, new Mount("/var/run", "/host", true), "host");
  }

  @Test
  void theTargetIsNotTheContainersRoot() {
    assertRefused(MountRules.standard(), new Mount("/srv", "/", true), "target");
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
