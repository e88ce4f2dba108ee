// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelLimits;
import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.server.accept.Refusals;
import io.github.harp.tunnel.server.accept.Transport;
import io.github.harp.tunnel.stream.HeldBytes;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all clients of a server share: the tables, and who is to be told.
 *
 * @param clock for the times that people see
 */
public record ServerContext(
    TunnelServerOptions options,
    Sessions sessions,
    ProxyTable proxies,
    LoopbackPorts loopback,
    Refusals refusals,
    Carried carried,
    HeldBytes heldBytes,
    InstantSource clock) {

  private static final Logger LOG = LoggerFactory.getLogger("io.github.harp.tunnel.TunnelServer");

  public static ServerContext of(TunnelServerOptions options, Transport transport) {
    return new ServerContext(
        options,
        new Sessions(options.limits().clients()),
        new ProxyTable(options.ports()),
        new LoopbackPorts(transport),
        new LoggedRefusals(options.listener(), System::nanoTime),
        new Carried(),
        HeldBytes.limitedTo(options.limits().heldBytes()),
        InstantSource.system());
  }

  /** A server without one is not made. */
  public TunnelAuthenticator authenticator() {
    return options.authenticator().orElseThrow();
  }

  public TunnelLimits limits() {
    return options.limits();
  }

  /** What was carried so far. */
  public TunnelStatus.Totals totals() {
    return carried.totals();
  }

  private TunnelListener listener() {
    return options.listener();
  }

  void connected(ClientSession session) {
    TunnelStatus.Session status = session.status();
    LOG.info(
        "{} logged in from {} (frp {}, wire {}, {}, {})",
        session,
        status.address(),
        status.clientVersion(),
        status.wire(),
        status.tls() ? "TLS" : "no TLS",
        status.multiplexed() ? "multiplexed" : "not multiplexed");
    listener().connected(status);
  }

  void opened(ClientSession session, OpenProxy proxy) {
    LOG.info("{} opened {}", session, proxy);
    listener().opened(session.status(), proxy.status());
  }

  void closed(ClientSession session, OpenProxy proxy, String reason) {
    LOG.info("{} closed {}: {}", session, proxy, reason);
    listener().closed(session.status(), proxy.status(), reason);
  }

  void disconnected(ClientSession session, String reason) {
    LOG.info("{} is gone: {}", session, reason);
    listener().disconnected(session.status(), reason);
  }
}
