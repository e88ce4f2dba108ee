// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.tunnel.TunnelClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** A demo that can be visited. */
public final class RunningDemo {

  private final Gateway gateway;
  private final TunnelClient exApp;
  private final int nextcloudPort;
  private final String sharedKey;

  RunningDemo(Gateway gateway, TunnelClient exApp, int nextcloudPort, String sharedKey) {
    this.gateway = gateway;
    this.exApp = exApp;
    this.nextcloudPort = nextcloudPort;
    this.sharedKey = sharedKey;
  }

  /** The sample ExApp's page. */
  public String page() {
    return "http://127.0.0.1:" + gateway.addresses().get(0).getPort() + "/exapps/demo/";
  }

  /** What to open and what to type. */
  public String guide() {
    var cookies = "-b 'nc_session=" + DemoUser.ALICE.session() + "; oc_sessionPassphrase=demo' ";
    return """

    HaRP demo: open

      %1$s

    and log in there as Alice or as admin. Or without a browser:

      curl %1$sapi/me                          # anybody
      curl -i %1$sapi/echo                     # a user is wanted: 403
      curl %2$s\\
           -d hello '%1$sapi/echo?a=b'         # as Alice
      curl -N %2$s\\
           %1$sapi/clock                       # events as they happen
      curl %2$s\\
           -T /etc/hostname %1$sapi/upload
      curl -i %2$s\\
           %1$sadmin                           # Alice is no administrator: 403
      curl -H 'harp-shared-key: %3$s' \\
           %4$s/exapps/app_api/info            # as Nextcloud's AppAPI

    Nextcloud's stand-in is at http://127.0.0.1:%5$d, tunnels dial in at %6$d.
    Ctrl-C ends the demo.
    """
        .formatted(
            page(),
            cookies,
            sharedKey,
            page().replace("/exapps/demo/", ""),
            nextcloudPort,
            gateway.tunnelAddress().getPort());
  }

  /**
   * Uses everything once that it shows.
   *
   * @return fails when something does not work, and says what
   */
  public Future<Void> check(Vertx vertx) {
    return new FirstVisit(vertx, page()).pay();
  }

  /** Ends the tunnel and the gateway. */
  public Future<Void> stop() {
    exApp.close();
    return gateway.stop(Duration.ofSeconds(2));
  }
}
