// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.serve;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.proxy.HarpProxyOptions;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;

/** What the configuration says, in the proxy's own words. */
final class ProxyOptions {

  private ProxyOptions() {}

  static HarpProxyOptions of(Configuration configuration) {
    var timeouts = configuration.timeouts();
    var limits = configuration.limits();
    var options =
        new HarpProxyOptions()
            .withListen(sockets(configuration.listeners().exApps()))
            .withProtocols(configuration.protocols())
            .withLimits(
                new HarpProxyOptions.Limits()
                    .withConnections(limits.connections())
                    .withRequests(limits.perClient(), limits.perExApp()))
            .withTimeouts(
                new HarpProxyOptions.Timeouts()
                    .withConnect(timeouts.connect())
                    .withClient(timeouts.client())
                    .withServer(timeouts.server())
                    .withUpgrade(timeouts.upgrade()));
    var pem = configuration.certificates().tlsPem();
    return Files.exists(pem)
        ? options.withTls(pem, sockets(configuration.listeners().exAppsTls()))
        : options;
  }

  private static InetSocketAddress[] sockets(List<ListenAddress> addresses) {
    return addresses.stream().map(ListenAddress::toSocketAddress).toArray(InetSocketAddress[]::new);
  }
}
