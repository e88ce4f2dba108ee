// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppRecords;
import io.github.harp.core.TunnelFiles;
import io.github.harp.core.Watch;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Failures;
import io.github.harp.launcher.config.Certificates;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** The tunnel server with its certificates, and what it knows of open ports. */
public final class TunnelSide {

  private final Optional<CertificateAuthority> authority;
  private final PortFile portFile;
  private final OpenPorts ports;
  private final OvertakenTunnels overtaken;
  private final Executor background;
  private final AtomicBoolean writing = new AtomicBoolean();
  private final TunnelServer server;
  private final Watch watch;

  /**
   * A tunnel server that does not listen yet.
   *
   * @param certificates where they are kept; empty for a server that demands no TLS
   * @param memory the file in which it is kept whose tunnels there were
   * @param records whose port is whose
   * @param listener hears of tunnels after this side has
   * @param background may block
   * @param loops stay the caller's
   * @throws TunnelException when there is no usable certificate; the message says what to do
   */
  public TunnelSide(
      ListenAddress address,
      Optional<Certificates> certificates,
      Path memory,
      TunnelAuthenticator authenticator,
      ExAppRecords records,
      Failures bans,
      TunnelListener listener,
      EventLoopGroup loops,
      Clock clock,
      Executor background)
      throws TunnelException {
    this.authority =
        certificates.isPresent()
            ? Optional.of(
                CertificateAuthority.open(
                    certificates.get().folder(), certificates.get().tunnelValidity(), clock))
            : Optional.empty();
    this.background = background;
    this.portFile = new PortFile(memory);
    this.ports = new OpenPorts(records::onThisHost, portFile.read(), this::remember);
    this.overtaken =
        new OvertakenTunnels(new PortOwners(records, PortOwners.PATIENCE), ports, this::disconnect);
    var options =
        TunnelServerOptions.builder()
            .address(address.toSocketAddress())
            .authenticator(authenticator)
            .bans(new BansOfTunnels(bans))
            .listener(ports.and(overtaken).and(listener))
            .proxyTypes(ProxyType.TCP)
            .eventLoops(loops, loops, Transport.of(loops).serverChannel());
    this.server = new TunnelServer(withEncryption(options, clock).build());
    this.watch = records.watch(event -> event.when(known -> arrived(known.exApp()), removed -> {}));
  }

  private TunnelServerOptions.Builder withEncryption(
      TunnelServerOptions.Builder options, Clock clock) {
    if (authority.isPresent()) {
      return options.tls(authority.get()::serverContext);
    }
    // Who wants TLS although none is demanded gets a certificate that proves nothing.
    var throwAway = CertificateAuthority.throwAwayServerContext(clock);
    return options.tls(() -> throwAway).plain(true);
  }

  private void disconnect(TunnelIdentity who, String reason) {
    server.disconnect(session -> session.identity().equals(who), reason);
  }

  /** What changes while it waits is written with it. */
  private void remember() {
    if (writing.compareAndSet(false, true)) {
      background.execute(
          () -> {
            writing.set(false);
            portFile.write(ports::past);
          });
    }
  }

  /** A record is known now: what it says of ports holds from now on. */
  private void arrived(ExApp exApp) {
    ports.arrived(exApp);
    overtaken.arrived(exApp);
  }

  /** Listens; gives the address, with its real port. */
  public Future<InetSocketAddress> start() {
    Promise<InetSocketAddress> started = Promise.promise();
    server
        .start()
        .addListener(
            (io.netty.util.concurrent.Future<InetSocketAddress> bound) -> {
              if (bound.isSuccess()) {
                started.complete(bound.getNow());
              } else {
                started.fail(bound.cause());
              }
            });
    return started.future();
  }

  /** Ends all tunnels; those in use at the end of the grace. */
  public Future<Void> stop(Duration grace) {
    watch.close();
    Promise<Void> stopped = Promise.promise();
    server.stop(grace).addListener(done -> stopped.complete());
    return stopped.future();
  }

  /** Empty when tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return authority;
  }

  /** What new containers get to dial in with. */
  public TunnelFiles files() {
    return authority.<TunnelFiles>map(AuthorityFiles::new).orElse(List::of);
  }

  public TunnelServer server() {
    return server;
  }

  public OpenPorts ports() {
    return ports;
  }
}
