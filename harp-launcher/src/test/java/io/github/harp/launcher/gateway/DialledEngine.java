// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** An engine that dials in to a gateway on loopback. */
final class DialledEngine {

  private DialledEngine() {}

  static TunnelClientOptions.Builder by(TunnelTransport transport, int port, String token) {
    return TunnelClientOptions.to("127.0.0.1", port)
        .transport(transport)
        .metas(Map.of("token", token))
        .proxies(TunnelProxy.of("engine", 24001, new TunnelTarget.Tcp("127.0.0.1", 1)));
  }

  /** What the gateway with this folder has made for its clients. */
  static TunnelClientTls certificate(Path folder) {
    var files = folder.resolve("frp");
    return TunnelClientTls.files(
        Optional.of(files.resolve("client.crt")),
        Optional.of(files.resolve("client.key")),
        Optional.of(files.resolve("ca.crt")),
        Optional.of("harp.nc"));
  }
}
