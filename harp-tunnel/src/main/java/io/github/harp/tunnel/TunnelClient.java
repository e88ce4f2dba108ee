// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel;

import io.github.harp.tunnel.carrier.SocketKind;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientStatus;
import io.github.harp.tunnel.client.session.SessionKeeper;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;

/**
 * Dials a tunnel server and offers services there: users who connect to a port of the server end up
 * at a TCP address, a unix socket or a handler of this process.
 *
 * <p>Compatible with frps 0.50 to 0.70 over TCP, with or without TLS and stream multiplexing. Stays
 * for ever: it dials again, with growing waits, when the server cannot be reached, refuses the
 * login or goes away.
 *
 * <p>Thread-safe. Nothing blocks; a client that is started has not connected yet, see {@link
 * #status}.
 */
public final class TunnelClient implements AutoCloseable {

  private final SessionKeeper sessions;

  private TunnelClient(SessionKeeper sessions) {
    this.sessions = sessions;
  }

  /** Starts on an event loop of its own, one daemon thread. */
  public static TunnelClient start(TunnelClientOptions options) {
    return new TunnelClient(SessionKeeper.start(options, SocketKind.best(), Clock.systemUTC()));
  }

  /** What it is doing right now. */
  public TunnelClientStatus status() {
    return sessions.status();
  }

  /**
   * Completes when the client is closed. Fails with a {@link TunnelException} when it has given up,
   * which only {@link TunnelClientOptions#givesUpOnFirstLogin} allows.
   */
  public CompletableFuture<Void> closed() {
    return sessions.closed();
  }

  /**
   * Ends the session, and with it every user's connection. Returns at once; see {@link #closed}.
   */
  @Override
  public void close() {
    sessions.close();
  }
}
