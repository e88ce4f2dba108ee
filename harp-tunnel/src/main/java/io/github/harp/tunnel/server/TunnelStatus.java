// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.WireProtocol;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link TunnelServer} carries at one moment.
 *
 * @param sessions the clients that are logged in
 * @param newConnections connections that have not logged in yet
 * @param heldBytes bytes kept for slow readers
 * @param totals what it has carried so far
 * @param quic where clients may dial in over QUIC, as configured; empty where they may not
 * @param introductions of visitors to owners of xtcp proxies, so far
 */
public record TunnelStatus(
    List<Session> sessions,
    int newConnections,
    long heldBytes,
    Totals totals,
    Optional<InetSocketAddress> quic,
    Introductions introductions) {

  /**
   * What came of visits since the server was made; never goes back. The bytes of those who have met
   * do not pass here.
   *
   * @param begun visitors who asked and may visit
   * @param made both peers were told of each other
   * @param met the owner says that they have found each other
   * @param missed it says that they have not
   * @param lastMiss which, and where both were; empty before there was one
   * @param relayed users whose bytes pass here instead
   */
  public record Introductions(
      long begun, long made, long met, long missed, String lastMiss, long relayed) {

    public static final Introductions NONE = new Introductions(0, 0, 0, 0, "", 0);
  }

  /**
   * What was carried since the server was made; never goes back.
   *
   * @param sessions clients that have logged in
   * @param streams connections that were opened to services behind clients
   * @param bytesIn payload from clients
   * @param bytesOut payload to clients
   */
  public record Totals(long sessions, long streams, long bytesIn, long bytesOut) {}

  /**
   * A client that is logged in.
   *
   * @param id names the session in the log; it is not frp's run_id, which is a secret
   * @param identity what the client proved to be
   * @param address where it comes from
   * @param clientVersion what it says it is, such as {@code 0.61.1}
   * @param wire the message format it speaks
   * @param tls whether its connection is encrypted
   * @param multiplexed whether its streams share one connection
   * @param transport what its streams travel on, such as TCP
   * @param roundTrip how long the way there and back took lately; empty when nobody knows
   * @param since when it logged in
   * @param proxies what it has opened
   * @param streams connections in use right now
   * @param idle connections in the pool
   * @param bytesIn payload from the client so far
   * @param bytesOut payload to the client so far
   */
  public record Session(
      long id,
      TunnelIdentity identity,
      InetSocketAddress address,
      String clientVersion,
      WireProtocol wire,
      boolean tls,
      boolean multiplexed,
      String transport,
      Optional<Duration> roundTrip,
      Instant since,
      List<Proxy> proxies,
      int streams,
      int idle,
      long bytesIn,
      long bytesOut) {

    public boolean isOverQuic() {
      return transport.equals("QUIC");
    }
  }

  /**
   * An open proxy.
   *
   * @param remotePort 0 for types without a port
   */
  public record Proxy(String name, ProxyType type, int remotePort, Instant since) {}
}
