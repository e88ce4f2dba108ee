// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.InMemoryExAppRuntime;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.github.harp.core.testing.UndialledEngines;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateCareTest {

  private static final ExAppName NOTES = new ExAppName(new AppId("notes"));

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final InMemoryExAppRuntime engine = new InMemoryExAppRuntime().withImage("image", false);

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void whatIsIssuedWhileTheGatewayStartsIsDeliveredOnceItRuns() throws Exception {
    deploy();
    open();
    Files.delete(folder.resolve("frp/client.crt"));

    var authority = open();
    assertThat(engine.installedIn(NOTES)).isEmpty();
    var care = care(authority);
    care.start();

    await().untilAsserted(() -> assertThat(engine.installedIn(NOTES)).hasSize(1));
    care.stop();
  }

  @Test
  void whereNothingWasRenewedNothingIsDelivered() throws Exception {
    deploy();
    open();

    var care = care(open());
    care.start();

    assertThat(engine.installedIn(NOTES)).isEmpty();
    care.stop();
  }

  private CertificateAuthority open() throws TunnelException {
    return CertificateAuthority.open(folder, Duration.ofDays(5000), Clock.systemUTC());
  }

  private CertificateCare care(CertificateAuthority authority) {
    var engines = UndialledEngines.numbered(24000);
    var care = new CertificateCare(authority, vertx);
    care.deliver(
        new CertificateDelivery(
            new AuthorityFiles(authority),
            place -> engine,
            engines,
            engines,
            () -> List.of(new AppId("notes")),
            ExAppName.PREFIX));
    return care;
  }

  private void deploy() {
    engine.create(
        new ExAppSpec(
            NOTES,
            "image",
            ContainerEnvironment.of(),
            ComputeDevice.CPU,
            ResourceLimits.NONE,
            new EngineOptions("bridge", "no", List.of())));
  }
}
