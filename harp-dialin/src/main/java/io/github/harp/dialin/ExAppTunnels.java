// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.key.TunnelTokens.Claim;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.tunnels.Tunnels;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.LoginBans;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A tunnel server for the ExApps and engines of one Nextcloud, what is known of their tunnels, and
 * how they are reached through them. Thread-safe. Started once.
 */
public final class ExAppTunnels {

  private final Instance instance;
  private final Engines configured;
  private final Entrance entrance;
  private final Vertx vertx;
  private final PortFile portFile;
  private final AtomicBoolean writing = new AtomicBoolean();
  private final TunnelRegister tunnels;
  private final TunnelServer server;
  private final Engines engines;
  private final OvertakenTunnels overtaken;

  /**
   * Where they dial in.
   *
   * @param authority whose certificates both sides show; empty for a server that demands no TLS
   * @param memory the file in which it is kept whose tunnels there were
   */
  public record Entrance(
      InetSocketAddress address, Optional<CertificateAuthority> authority, Path memory) {}

  /**
   * A tunnel server that does not listen yet.
   *
   * @param instance whose ExApps and engines dial in
   * @param configured engines that are reached without a tunnel: their numbers no tunnel may take
   * @param bans who may not log in
   * @param listener hears of tunnels once they are known here
   * @param vertx whose event loops it runs on; stays open
   * @param onFatalError see {@link TunnelServerOptions#onFatalError}
   * @throws TunnelException when no certificate can be made
   */
  public ExAppTunnels(
      Instance instance,
      Engines configured,
      Entrance entrance,
      Failures bans,
      TunnelListener listener,
      Vertx vertx,
      Consumer<Throwable> onFatalError)
      throws TunnelException {
    this.instance = instance;
    this.configured = configured;
    this.entrance = entrance;
    this.vertx = vertx;
    this.portFile = new PortFile(entrance.memory());
    this.tunnels = new TunnelRegister(instance.records(), portFile.read());
    tunnels.watch(event -> event.when(opened -> {}, closed -> {}, remembered -> remember()));
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    var options =
        TunnelServerOptions.builder()
            .address(entrance.address())
            .authenticator(new TunnelClaims(instance, configured))
            .bans(new LoginFailures(bans))
            .listener(new HeardTunnels(tunnels).and(listener))
            .proxyTypes(ProxyType.TCP)
            .onFatalError(onFatalError)
            .eventLoops(loops, loops, Transport.of(loops).serverChannel());
    this.server = new TunnelServer(withEncryption(options).build());
    this.engines = new TunnelEngines(configured, server, tunnels);
    this.overtaken = new OvertakenTunnels(instance.records(), tunnels, this::disconnect);
  }

  private TunnelServerOptions.Builder withEncryption(TunnelServerOptions.Builder options)
      throws TunnelException {
    if (entrance.authority().isPresent()) {
      return options.tls(entrance.authority().get()::serverContext);
    }
    // Who wants TLS although none is demanded gets a certificate that proves nothing.
    var throwAway = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
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
      vertx.executeBlocking(
          () -> {
            writing.set(false);
            portFile.write(tunnels::past);
            return true;
          },
          false);
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

  /** Whose certificates both sides show; empty where tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return entrance.authority();
  }

  /** Which tunnels there are, and whose. */
  public Tunnels tunnels() {
    return tunnels;
  }

  /** Who has dialled in, and what is carried for them. */
  public TunnelStatus status() {
    return server.status();
  }

  /** Engines that are configured, and those that have dialled in. */
  public Engines engines() {
    return engines;
  }

  /**
   * ExApps, through the tunnels that they have or had.
   *
   * @param direct reaches those without a tunnel
   */
  public Upstreams upstreams(Upstreams direct) {
    return new TunnelUpstreams(server, tunnels, direct);
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return new ExpectedTunnels(instance.tokens(), tunnels);
  }

  /** What new containers get to dial in with. */
  public TunnelFiles files() {
    return entrance.authority().<TunnelFiles>map(AuthorityFiles::new).orElse(List::of);
  }

  /**
   * Renews the certificates, and brings them to those who have the old ones; empty where tunnels
   * need no TLS.
   *
   * @param runtimes of all engines
   */
  public Optional<CertificateCare> certificateCare(ExAppRuntimes runtimes) {
    return entrance
        .authority()
        .map(
            authority ->
                new CertificateCare(
                    authority,
                    new CertificateDelivery(
                        files(), runtimes, configured, engines, this::exAppsSeen),
                    vertx));
  }

  /** Those that somebody has used, and those that have dialled in. */
  private Set<AppId> exAppsSeen() {
    var seen = TunnelClaims.appsIn(server.status());
    instance.records().all().stream().map(ExApp::id).forEach(seen::add);
    return seen;
  }

  /** The gateway's ban list in the tunnel's terms. */
  private record LoginFailures(Failures list) implements LoginBans {

    @Override
    public boolean isBanned(InetAddress address) {
      return list.isBanned(address);
    }

    @Override
    public void recordFailure(InetAddress address, String reason) {
      list.record(address, reason);
    }
  }
}
