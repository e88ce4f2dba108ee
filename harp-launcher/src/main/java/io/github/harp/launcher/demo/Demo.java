// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/**
 * The real gateway with everything around it that it needs to be tried out: a stand-in for
 * Nextcloud to log in at, and a sample ExApp that dials in through the tunnel. All on loopback.
 */
public final class Demo {

  /** What the sample ExApp claims in the tunnel. */
  private static final int EXAPP_PORT = 23000;

  private static final Duration DIAL_IN = Duration.ofSeconds(20);
  private static final long LOOK_MILLIS = 20;

  /**
   * Where to listen on loopback; 0 for a free port.
   *
   * @param gateway for the browser
   * @param nextcloud where one logs in
   * @param tunnels where the ExApp dials in
   */
  public record Ports(int gateway, int nextcloud, int tunnels) {}

  private final Vertx vertx;
  private final Ports ports;
  private final Path certificates;
  private final String sharedKey = secret();
  private final String exAppSecret = secret();

  /**
   * A demo that does not run yet.
   *
   * @param certificates a folder that the caller removes afterwards
   */
  public Demo(Vertx vertx, Ports ports, Path certificates) {
    this.vertx = vertx;
    this.ports = ports;
    this.certificates = certificates;
  }

  /** Starts all of it; complete when the ExApp has dialled in. */
  public Future<RunningDemo> start() {
    Promise<Gateway> started = Promise.promise();
    var nextcloud =
        new StandInNextcloud(
            vertx, sharedKey, () -> started.future().result().addresses().get(0).getPort());
    return nextcloud
        .listen(ports.nextcloud())
        .recover(failure -> portTaken("Nextcloud", ports.nextcloud(), failure))
        .compose(
            nextcloudPort -> {
              var exApp = new SampleExApp(vertx, exAppSecret, nextcloudPort);
              nextcloud.register(exApp.known(EXAPP_PORT));
              return exApp
                  .listen()
                  .compose(
                      exAppPort ->
                          gateway(nextcloudPort)
                              .onComplete(started)
                              .compose(gateway -> dialIn(gateway, exAppPort))
                              .map(
                                  client ->
                                      new RunningDemo(
                                          started.future().result(),
                                          client,
                                          nextcloudPort,
                                          sharedKey)));
            });
  }

  private Future<Gateway> gateway(int nextcloudPort) {
    var environment =
        Map.of(
            "HP_SHARED_KEY",
            sharedKey,
            "NC_INSTANCE_URL",
            "http://127.0.0.1:" + nextcloudPort,
            "HP_EXAPPS_ADDRESS",
            "127.0.0.1:" + ports.gateway(),
            "HP_FRP_ADDRESS",
            "127.0.0.1:" + ports.tunnels(),
            "HP_ADMIN_ADDRESS",
            "off",
            "HP_CERTS_DIR",
            certificates.toString(),
            "HP_DOCKER_ENGINES",
            "",
            // A reverse proxy may be tried out, too.
            "HP_TRUSTED_PROXY_IPS",
            "127.0.0.1",
            "HP_BLACKLIST_COUNT",
            "100");
    // Making keys and certificates takes too long for an event loop.
    return vertx
        .executeBlocking(
            () -> new Gateway(Configuration.from(environment, certificates), vertx), false)
        .compose(Gateway::start);
  }

  private Future<TunnelClient> dialIn(Gateway gateway, int exAppPort) {
    var authority = gateway.authority().orElseThrow();
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .tls(TunnelClientTls.of(authority::clientContext, CertificateAuthority.SERVER_NAME))
                .metas(
                    Map.of("token", gateway.tokens().mint(new AppId(SampleExApp.ID), EXAPP_PORT)))
                .proxies(
                    TunnelProxy.of(
                        SampleExApp.ID, EXAPP_PORT, new TunnelTarget.Tcp("127.0.0.1", exAppPort)))
                .build());
    Promise<TunnelClient> healthy = Promise.promise();
    long deadline = System.nanoTime() + DIAL_IN.toNanos();
    vertx.setPeriodic(
        LOOK_MILLIS,
        timer -> {
          if (client.status().isHealthy()) {
            vertx.cancelTimer(timer);
            healthy.complete(client);
          } else if (System.nanoTime() > deadline) {
            vertx.cancelTimer(timer);
            client.close();
            healthy.fail("the sample ExApp could not dial in: " + client.status());
          }
        });
    return healthy.future();
  }

  private static <T> Future<T> portTaken(String what, int port, Throwable failure) {
    return Future.failedFuture(
        "port " + port + " for " + what + ": " + HarpException.reasonOf(failure));
  }

  private static String secret() {
    var bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
