// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.ExAppName;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.spec.CertificateInstallation;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.Mount;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.docker.inspection.EngineNetworksAssert;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The contract of runtimes, and what only an engine shows, on a real one. */
@Timeout(120)
abstract class RealEngineContract extends OnARealEngine {

  @Test
  void theEngineSaysWhatItIs() throws Exception {
    var report = get(runtime().describe());

    assertThat(report.summary()).matches(product() + " [0-9].*");
    assertThat(report.storage()).isPresent();
    assertThat(report.findings().get(0).seen())
        .startsWith("engine 24000 (" + upstream + ") is " + report.summary())
        .containsPattern("API 1\\.[0-9]+, on .");
  }

  @Test
  void theContainerIsMadeAsOrdered() throws Exception {
    var name = newName();
    var shared = Files.createDirectory(folder.resolve("models"));
    Files.writeString(shared.resolve("weights"), "0.5");
    var network = network();
    try {
      get(
          runtime()
              .create(
                  new ExAppSpec(
                      name,
                      image(),
                      ContainerEnvironment.of("APP_ID=" + name.id(), "GREETING=a=b c"),
                      ComputeDevice.CPU,
                      new ResourceLimits(
                          OptionalLong.of(64 * 1024 * 1024), OptionalLong.of(500_000_000)),
                      new EngineOptions(
                          network,
                          "on-failure",
                          List.of(new Mount(shared.toString(), "/models", true))))));
      get(runtime().start(name));

      assertThat(inside(name, "hostname")).isEqualTo(name.id().toString());
      assertThat(inside(name, "sh", "-c", "echo $GREETING")).isEqualTo("a=b c");
      assertThat(inside(name, "cat", "/models/weights")).isEqualTo("0.5");
      assertThat(insideSucceeds(name, "touch", "/models/x")).as("may write").isFalse();
      assertThat(insideSucceeds(name, "touch", "/" + name.volume() + "/x")).isTrue();
      assertThat(inspect(name, "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}"))
          .isEqualTo("67108864 500000000");
      assertThat(inspect(name, "{{.HostConfig.RestartPolicy.Name}}")).isEqualTo("on-failure");
      assertThat(inspect(name, "{{json .NetworkSettings.Networks}}"))
          .contains(network)
          .contains("\"" + name.id() + "\"");
    } finally {
      get(runtime().remove(name, true));
      cli().run("network", "rm", network);
    }
  }

  @Test
  void tellsWhichNetworksThereAreAndWhoIsInThem() throws Exception {
    var name = newName();
    var network = network();
    var environment = List.of("HP_FRP_ADDRESS=harp", "HP_FRP_PORT=8782", "HP_SHARED_KEY=token");
    try {
      get(
          runtime()
              .create(
                  new ExAppSpec(
                      name,
                      image(),
                      new ContainerEnvironment(environment),
                      ComputeDevice.CPU,
                      ResourceLimits.NONE,
                      new EngineOptions(network, "no", List.of()))));
      get(runtime().start(name));

      try (var engine = engine()) {
        new EngineNetworksAssert(engine)
            .hasNetwork(network)
            .hasExApp(name.container(), network, "harp:8782");
      }
    } finally {
      get(runtime().remove(name, true));
      cli().run("network", "rm", network);
    }
  }

  @Test
  @DisplayName("S10: tells which folders of the host an ExApp sees, and its volumes are none")
  void s10_tellsWhichFoldersOfTheHostAnExAppSees() throws Exception {
    var name = newName();
    var shared = Files.createDirectory(folder.resolve("seen"));
    get(
        runtime()
            .create(
                new ExAppSpec(
                    name,
                    image(),
                    ContainerEnvironment.of("COMPUTE_DEVICE=CUDA"),
                    ComputeDevice.CPU,
                    ResourceLimits.NONE,
                    new EngineOptions(
                        "bridge", "no", List.of(new Mount(shared.toString(), "/models", true))))));

    var report = get(runtime().describe());

    assertThat(report.folders()).containsEntry(name.container(), Set.of(shared.toString()));
    assertThat(report.findings())
        .filteredOn(finding -> finding.seen().contains(name.container()))
        .extracting(Finding::meaning)
        .filteredOn(meaning -> meaning.contains("computes without a GPU"))
        .hasSize(product().equals("Podman") ? 1 : 0);
  }

  @Test
  void rolesAndInstancesHaveContainersOfTheirOwnAndOneVolume() throws Exception {
    var app = newName().id();
    var web = new ExAppName(app, "nc1", "web", ExAppName.PREFIX);
    var worker = new ExAppName(app, "nc1", "worker", ExAppName.PREFIX);

    get(runtime().create(spec(web, image())));
    get(runtime().create(spec(worker, image())));

    assertThat(cli().succeeds("container", "inspect", "nc_app_nc1_" + app + "_web")).isTrue();
    assertThat(inspect(worker, "{{json .Mounts}}")).contains("nc_app_nc1_" + app + "_data");
    get(runtime().remove(web, false));
    get(runtime().remove(worker, true));
  }

  @Test
  void anImageNobodyUsesGoesWithItsBytesAndATagWithout() throws Exception {
    var name = "harp-test/throwaway-" + UUID.randomUUID().toString().substring(0, 8);
    var container = cli().run("create", image());
    cli().run("commit", "--change", "ENV A=" + name, container, name + ":1");
    cli().run("rm", container);
    cli().run("tag", name + ":1", name + ":2");

    assertThat(get(runtime().removeImage(name + ":2"))).isEqualTo(new ImageRemoval(true, 0, null));
    var removed = get(runtime().removeImage(name + ":1"));

    assertThat(removed.deleted()).isTrue();
    assertThat(removed.bytesFreed()).isPositive();
  }

  @Test
  @DisplayName("W9 the tunnel's files are there before anything of the container has run")
  void w9_tunnelFilesComeFirst() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    assertThat(inspect(name, "{{.State.Status}}")).isEqualTo("created");
    get(runtime().start(name));
    assertThat(inside(name, "cat", "/certs/frp/ca.crt")).isEqualTo("the authority");
    assertThat(inside(name, "cat", "/certs/frp/client.crt")).isEqualTo("the certificate");
    assertThat(inside(name, "cat", "/certs/frp/client.key")).isEqualTo("the key");
    assertThat(modes(name)).isEqualTo("755:0:0 755:0:0 644:0:0 644:0:0 644:0:0");
  }

  @Test
  @DisplayName("W15 the tunnel's key belongs to the user that the image names by number")
  void w15_theKeyBelongsToANumericUser() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/numeric-user:1")));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    get(runtime().start(name));
    assertThat(inside(name, "cat", "/certs/frp/client.key")).isEqualTo("the key");
    assertThat(modes(name)).endsWith("600:1000:1000");
  }

  @Test
  @DisplayName("F11: an image that begins as root and becomes another user can read its key")
  void f11_theKeyIsReadableForWhomeverRootBecomes() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    get(runtime().start(name));
    assertThat(
            cli().run("exec", "--user", "4711", name.container(), "cat", "/certs/frp/client.key"))
        .isEqualTo("the key");
  }

  @Test
  @DisplayName("F20: a container is asked to stop before it is killed")
  void f20_aContainerHasTenSecondsToStop() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    assertThat(inspect(name, "{{.Config.StopTimeout}}")).isEqualTo("10");
  }

  @Test
  void theTunnelsKeyIsReadableForAUserThatIsOnlyANameToUs() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/named-user:1")));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    get(runtime().start(name));
    assertThat(inside(name, "cat", "/certs/frp/client.key")).isEqualTo("the key");
    assertThat(modes(name)).endsWith("644:0:0");
  }

  @Test
  void aFolderThatTheImageBringsKeepsItsOwner() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/own-certs:1")));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    get(runtime().start(name));
    assertThat(modes(name)).startsWith("750:1000:1000 755:0:0 ");
  }

  @Test
  void aRunningContainerGetsNewTunnelFiles() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    get(runtime().installCertificates(name, new CertificateInstallation(Optional.empty(), true)));

    assertThat(inside(name, "cat", "/certs/frp/client.key")).isEqualTo("the key");
    assertThat(inspect(name, "{{.State.Status}}")).isEqualTo("running");
  }

  @Test
  void debianTrustsTheCertificates() throws Exception {
    var certificate = selfSigned();
    var name = trusting("harp-test/debian:1", certificate);

    assertThat(inside(name, "cat", "/etc/ssl/certs/ca-certificates.crt"))
        .contains(lines(certificate));
    assertThat(insideSucceeds(name, "test", "-e", "/etc/ssl/certs/custom_ca_cert_0.pem")).isTrue();
  }

  @Test
  void alpineTrustsTheCertificates() throws Exception {
    var certificate = selfSigned();
    var name = trusting("harp-test/alpine:1", "ignored\n" + certificate + "between\n" + BUNDLE);

    assertThat(inside(name, "cat", "/etc/ssl/certs/ca-certificates.crt"))
        .contains(lines(certificate))
        .contains("Zmlyc3Q=")
        .contains("c2Vjb25k")
        .doesNotContain("ignored", "between", "a comment");
    assertThat(inside(name, "ls", "/usr/local/share/ca-certificates").split("\\s+"))
        .containsExactly("custom_ca_cert_0.crt", "custom_ca_cert_1.crt", "custom_ca_cert_2.crt");
    assertThat(
            inside(
                name,
                "stat",
                "-c",
                "%a:%u:%g",
                "/usr/local/share/ca-certificates/custom_ca_cert_0.crt"))
        .isEqualTo("644:0:0");
  }

  @Test
  void theRhelFamilyTrustsTheCertificates() throws Exception {
    var certificate = selfSigned();
    var name = trusting("harp-test/rhel:1", certificate);

    assertThat(inside(name, "cat", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"))
        .contains(lines(certificate));
  }

  @Test
  void aTrustStoreThatCannotBeUpdatedIsNoReasonToFail() throws Exception {
    var name = trusting("harp-test/stubborn:1", BUNDLE);

    assertThat(inside(name, "cat", "/certs/frp/client.key")).isEqualTo("the key");
  }

  @Test
  void aContainerIsStoppedAgainAlsoWhenItsCertificatesFail() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, "harp-test/catless:1")));

    assertFails(
        runtime().installCertificates(name, new CertificateInstallation(Optional.of(BUNDLE), true)),
        io.github.harp.core.HarpException.Code.FAILED);

    assertThat(inspect(name, "{{.State.Running}}")).isEqualTo("false");
    assertThat(get(runtime().start(name))).as("was stopped").isTrue();
  }

  @Test
  void manyOrdersForManyExAppsAtOnce() throws Exception {
    var names = List.of(newName(), newName(), newName(), newName(), newName(), newName());

    var started =
        names.stream()
            .map(
                name ->
                    runtime()
                        .create(spec(name, image()))
                        .compose(created -> runtime().start(name))
                        .compose(fresh -> runtime().awaitStart(name)))
            .toList();

    for (var outcome : started) {
      assertThat(get(outcome)).isEqualTo(new StartOutcome(true, "running", null, null));
    }
  }
}
