// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import io.github.harp.core.ExAppRecords;
import io.github.harp.core.TunnelFiles;
import io.github.harp.core.TunnelTokens.Claim;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.launcher.config.Certificates;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelException;
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

/** The tunnel server with its certificates, and what is known of its tunnels. */
public final class TunnelSide {

  private final Optional<CertificateAuthority> authority;
  private final PortFile portFile;
  private final TunnelRegister tunnels;
  private final OvertakenTunnels overtaken;
  private final Executor background;
  private final AtomicBoolean writing = new AtomicBoolean();
  private final TunnelServer server;

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
    this.tunnels = new TunnelRegister(records, portFile.read());
    tunnels.watch(event -> event.when(opened -> {}, closed -> {}, remembered -> remember()));
    var options =
        TunnelServerOptions.builder()
            .address(address.toSocketAddress())
            .authenticator(authenticator)
            .bans(new BansOfTunnels(bans))
            .listener(new HeardTunnels(tunnels).and(listener))
            .proxyTypes(ProxyType.TCP)
            .eventLoops(loops, loops, Transport.of(loops).serverChannel());
    this.server = new TunnelServer(withEncryption(options, clock).build());
    this.overtaken = new OvertakenTunnels(records, tunnels, this::disconnect);
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

  private void disconnect(Claim claim, String reason) {
    server.disconnect(
        session -> session.identity().attachment(Claim.class).filter(claim::equals).isPresent(),
        reason);
  }

  /** What changes while it waits is written with it. */
  private void remember() {
    if (writing.compareAndSet(false, true)) {
      background.execute(
          () -> {
            writing.set(false);
            portFile.write(tunnels::past);
          });
    }
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
    overtaken.close();
    tunnels.close();
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

  public Tunnels tunnels() {
    return tunnels;
  }
}
