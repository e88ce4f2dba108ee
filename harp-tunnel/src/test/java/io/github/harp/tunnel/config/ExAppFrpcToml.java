// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import io.github.harp.tunnel.TunnelException;
import java.nio.file.Path;
import java.util.Map;

/** The file of frpc that an ExApp writes, and the way in which tests read such files. */
final class ExAppFrpcToml {

  static final String EXAPP =
      """
      serverAddr = "harp"
      serverPort = 8782
      loginFailExit = false

      transport.tls.enable = true
      transport.tls.certFile = "/certs/frp/client.crt"
      transport.tls.keyFile = "/certs/frp/client.key"
      transport.tls.trustedCaFile = "/certs/frp/ca.crt"
      transport.tls.serverName = "harp.nc"

      metadatas.token = "some_very_secure_password"

      [[proxies]]
      remotePort = 23005
      type = "tcp"
      name = "app-skeleton"
      [proxies.plugin]
      type = "unix_domain_socket"
      unixPath = "/tmp/exapp.sock"
      """;

  private ExAppFrpcToml() {}

  static FrpcConfig parse(String toml) throws TunnelException {
    return FrpcConfig.parse(toml, Path.of("frpc.toml"), Map.of());
  }
}
