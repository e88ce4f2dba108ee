// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * What the two peers of a service need in frp's configuration: they meet straight ({@code xtcp}),
 * and where their networks do not allow that, through the tunnel server ({@code stcp}).
 *
 * @param owner whose service it is, in front of the names of its two ways
 * @param secret what both know
 */
public record VisitorExport(String owner, String secret) {

  /**
   * Where the tunnel server is.
   *
   * @param address name or address at which the visitor reaches it
   * @param port the tunnels', usually 8782
   * @param stunPort where it tells clients how they are seen, if it does
   */
  public record Server(String address, int port, OptionalInt stunPort) {

    public Server {
      EngineExport.requireServer(address, port);
    }

    private String stun() {
      var host = address.contains(":") ? "[" + address + "]" : address;
      return stunPort.isPresent()
          ? "natHoleStunServer = \"%s:%d\"".formatted(host, stunPort.getAsInt())
          : "# Asks a server on the internet how it is seen; HP_STUN_ADDRESS has this one answer.";
    }
  }

  /** The two ways, for the frpc.toml of the one who has the service. */
  public String owner(int localPort) {
    return """
    # The service for visitors, straight and through the server.
    # frpc needs natHoleStunServer, at its top, as visitors do.
    [[proxies]]
    name = "%1$sstraight"
    type = "xtcp"
    secretKey = "%2$s"
    localPort = %3$d

    [[proxies]]
    name = "%1$srelayed"
    type = "stcp"
    secretKey = "%2$s"
    localPort = %3$d
    """
        .formatted(owner, secret, localPort);
  }

  /**
   * The whole frpc.toml of a visitor.
   *
   * @param pass what it logs in with
   * @param until when that ends
   * @param bindPort where the service is to be found on the visitor's own loopback
   */
  public String visitor(Server server, String pass, Instant until, int bindPort) {
    return """
    # For frpc 0.61 or newer, or harp tunnel -c frpc.toml. Good until %1$s.
    serverAddr = "%2$s"
    serverPort = %3$d
    %4$s
    %5$s
    metadatas.token = "%6$s"

    [[visitors]]
    name = "straight"
    type = "xtcp"
    serverName = "%7$sstraight"
    secretKey = "%8$s"
    bindPort = %9$d
    keepTunnelOpen = true
    fallbackTo = "relayed"
    fallbackTimeoutMs = 3000

    [[visitors]]
    name = "relayed"
    type = "stcp"
    serverName = "%7$srelayed"
    secretKey = "%8$s"
    bindPort = -1
    """
        .formatted(
            until,
            server.address(),
            server.port(),
            server.stun(),
            EngineExport.OF_ALL,
            pass,
            owner,
            secret,
            bindPort);
  }
}
