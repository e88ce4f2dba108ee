// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.model.Capability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.utility.MountableFile;

/** The Debian package, on a Debian that systemd has booted. */
class DebianPackageIT {

  private static final String DEBIAN = "harp-test/systemd:1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path BUILD =
      Path.of(System.getProperty("harp.root", ".."), "packaging", "debian", "build");

  @TempDir static Path folder;

  private static Path first;

  @BeforeAll
  static void build() throws Exception {
    first = build(folder);
  }

  @Test
  void theSameJarMakesTheSameBytes() throws Exception {
    var again = build(Files.createDirectory(folder.resolve("again")));

    assertThat(Files.mismatch(first, again)).isEqualTo(-1);
  }

  @Test
  void itIsInstalledUpgradedRemovedAndPurged() throws Exception {
    assumeTrue(Docker.succeeds("version"), "no Docker engine; .ci/engines starts one");
    assumeTrue(Docker.succeeds("image", "inspect", DEBIAN), "no image; .ci/engines builds it");
    var second = nextVersion();
    try (var debian = booted()) {
      debian.copyFileToContainer(MountableFile.forHostPath(first), "/first.deb");
      debian.copyFileToContainer(MountableFile.forHostPath(second), "/second.deb");

      assertThat(done(debian, "dpkg --install /first.deb")).contains("systemctl enable --now harp");
      assertThat(done(debian, "stat -c '%U:%G %a' /etc/harp/harp.env /etc/harp/shared-key"))
          .isEqualTo("root:harp 640\nroot:harp 640\n");
      assertThat(debian.run("systemctl", "is-active", "harp").output()).isEqualTo("inactive\n");

      done(debian, "echo NC_INSTANCE_URL=http://127.0.0.1:9 >> /etc/harp/harp.env");
      done(debian, "systemctl enable --now harp");
      ready(debian);
      assertThat(done(debian, "stat -c %U /proc/" + process(debian))).isEqualTo("harp\n");
      assertThat(done(debian, "ls /var/cache/harp")).matches("harp-[0-9.]+-\\w+\\.(jsa|aot)\n");
      assertThat(done(debian, "cat /proc/" + process(debian) + "/maps")).contains("/var/cache");
      assertThat(done(debian, "harp certs show")).startsWith("/var/lib/harp/frp\n");
      assertThat(done(debian, "stat -c %U /var/lib/harp/frp/ca.key")).isEqualTo("harp\n");
      assertThat(done(debian, "journalctl --output cat --unit harp"))
          .contains("ready: ")
          .doesNotContain("error", "Broken pipe");

      var before = process(debian);
      var key = done(debian, "cat /etc/harp/shared-key");
      done(debian, "dpkg --install --force-confold /second.deb");
      ready(debian);
      assertThat(process(debian)).isNotEqualTo(before);
      assertThat(done(debian, "cat /etc/harp/shared-key")).isEqualTo(key);
      assertThat(done(debian, "cat /etc/harp/harp.env")).contains("127.0.0.1:9");

      done(debian, "dpkg --remove nextcloud-harp");
      assertThat(debian.run("systemctl", "is-active", "harp").output()).isEqualTo("inactive\n");
      assertThat(done(debian, "ls /etc/harp /var/lib/harp")).contains("shared-key", "frp");
      assertThat(debian.run("ls", "/usr/lib/harp", "/var/cache/harp").exitCode()).isNotZero();

      done(debian, "dpkg --purge nextcloud-harp");
      assertThat(done(debian, "find /etc /var/lib -name '*harp*' -not -path '*/dpkg/*'")).isEmpty();
    }
  }

  /** Needs no more than a service that may mount its own file systems. */
  private static LocalContainer booted() {
    var debian =
        new LocalContainer(DEBIAN)
            .withTmpFs(Map.of("/run", "", "/run/lock", "", "/tmp", ""))
            .withCreateContainerCmdModifier(
                create ->
                    create
                        .getHostConfig()
                        .withCgroupnsMode("private")
                        .withCapAdd(Capability.SYS_ADMIN)
                        .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined")));
    debian.start();
    await()
        .atMost(PATIENCE)
        .until(() -> debian.run("systemctl", "is-system-running").output().equals("running\n"));
    return debian;
  }

  private static void ready(LocalContainer debian) {
    await().atMost(PATIENCE).until(() -> debian.run("harp", "health").exitCode() == 0);
  }

  private static String process(LocalContainer debian) throws Exception {
    return done(debian, "systemctl show --property MainPID --value harp").strip();
  }

  private static String done(LocalContainer debian, String command) throws Exception {
    var result = debian.run("sh", "-c", command);
    assertThat(result.exitCode()).as(command + ": " + result.output()).isZero();
    return result.output();
  }

  private static Path build(Path to) throws Exception {
    return Path.of(run(BUILD.toRealPath().toString(), to.toString()).strip());
  }

  /** The same with a later version, and with settings that are described otherwise. */
  private static Path nextVersion() throws Exception {
    var content = folder.resolve("content").toString();
    var next = folder.resolve("next.deb");
    run("dpkg-deb", "--raw-extract", first.toString(), content);
    run("sed", "-i", "s/^Version: .*/&+next/", content + "/DEBIAN/control");
    run("sed", "-i", "1i # Another first line.", content + "/etc/harp/harp.env");
    run("dpkg-deb", "--build", "--root-owner-group", "-Znone", content, next.toString());
    return next;
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(output).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
