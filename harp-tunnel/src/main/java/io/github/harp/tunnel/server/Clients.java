// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.server.accept.ConnectionInitializer;
import io.github.harp.tunnel.server.accept.NewConnections;
import io.github.harp.tunnel.server.accept.Transport;
import io.github.harp.tunnel.server.control.Logins;
import io.github.harp.tunnel.server.session.ClientSession;
import io.github.harp.tunnel.server.session.OpenProxy;
import io.github.harp.tunnel.server.session.ServerContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All clients of one server. Thread-safe. */
public final class Clients {

  private final ServerContext context;
  private final NewConnections newConnections;
  private final ConnectionInitializer initializer;

  public Clients(TunnelServerOptions options, Transport transport) {
    context = ServerContext.of(options, transport);
    newConnections = new NewConnections(options.limits().newcomers(), options.bans());
    Logins logins = new Logins(context);
    Visitors visitors = new Visitors(context);
    initializer =
        new ConnectionInitializer(
            newConnections,
            options.tls().orElse(null),
            options.plain(),
            options.limits(),
            context.heldBytes(),
            connection -> new StreamInitializer(connection, context, logins, visitors),
            context.refusals());
  }

  /** What turns an accepted connection into a client. */
  public ChannelHandler initializer() {
    return initializer;
  }

  /** See {@link io.github.harp.tunnel.TunnelServer#dial}. */
  public Future<Channel> dial(
      int port,
      EventLoop loop,
      Predicate<TunnelIdentity> through,
      @Nullable InetSocketAddress source,
      @Nullable InetSocketAddress destination) {
    Optional<OpenProxy> proxy = openOn(port);
    if (proxy.isEmpty()) {
      return loop.newFailedFuture(
          new TunnelException(
              Code.NO_SUCH_PORT, "remote port " + port + ": no client has opened it"));
    }
    ClientSession owner = proxy.get().owner();
    if (!through.test(owner.identity())) {
      return loop.newFailedFuture(
          new TunnelException(
              Code.NO_SUCH_PORT,
              "remote port " + port + " is open for " + owner.identity() + ", expected another"));
    }
    return owner.dial(proxy.get(), loop, source, destination);
  }

  public boolean isOpen(int port) {
    return openOn(port).isPresent();
  }

  private Optional<OpenProxy> openOn(int port) {
    return context.proxies().onPort(port).filter(proxy -> proxy.owner().isAnnounced(proxy));
  }

  /** Ends the sessions that this is true for. */
  public void disconnect(Predicate<TunnelStatus.Session> which, String reason) {
    for (ClientSession session : context.sessions().all()) {
      if (which.test(session.status())) {
        session.close(reason);
      }
    }
  }

  /** Streams that carry something right now. */
  public int streamsInUse() {
    return context.sessions().all().stream().mapToInt(ClientSession::streamsInUse).sum();
  }

  public TunnelStatus status() {
    return new TunnelStatus(
        context.sessions().all().stream().map(ClientSession::status).toList(),
        newConnections.count(),
        context.heldBytes().current(),
        context.totals());
  }
}
