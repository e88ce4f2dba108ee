// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.ban.Failures;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.dialin.claims.HeardTunnels;
import io.github.harp.dialin.claims.PortFile;
import io.github.harp.dialin.claims.TunnelLogins;
import io.github.harp.proxy.transport.NettyFutures;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.server.LoginBans;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A tunnel server for the ExApps and engines of one Nextcloud, or of several that know nothing of
 * each other: each has all ports for itself, and whose a client is its key or token says.
 * Thread-safe. Started once.
 */
public final class TunnelEntrance {

  private final Optional<CertificateAuthority> authority;
  private final Vertx vertx;
  private final TunnelServer server;
  private final Map<Instance, ExAppTunnels> tunnels = new IdentityHashMap<>();
  private final Optional<Neighbourhood> neighbourhood;

  /**
   * Where they dial in.
   *
   * @param authority whose certificates both sides show; empty for a server that demands no TLS
   * @param others nodes at which they may do that, too; for a single party
   */
  public record Place(
      InetSocketAddress address,
      Optional<CertificateAuthority> authority,
      Optional<NodesAround> others) {}

  /**
   * A tunnel server that does not listen yet.
   *
   * @param bans who may not log in
   * @param listener hears of tunnels once they are known here
   * @param vertx whose event loops it runs on; stays open
   * @param onFatalError see {@link TunnelServerOptions#onFatalError}
   * @throws TunnelException when no certificate can be made
   */
  public TunnelEntrance(
      List<Party> parties,
      Place place,
      Failures bans,
      TunnelListener listener,
      Vertx vertx,
      Consumer<Throwable> onFatalError)
      throws TunnelException {
    this.authority = place.authority();
    this.vertx = vertx;
    var registers = new HashMap<String, TunnelRegister>();
    for (var party : parties) {
      var file = new PortFile(party.memory());
      registers.put(party.realm(), file.register(party.instance().records(), vertx));
    }
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    var options =
        TunnelServerOptions.builder()
            .address(place.address())
            .authenticator(TunnelLogins.of(parties))
            .bans(new LoginFailures(bans))
            .listener(new HeardTunnels(registers).and(listener))
            .onFatalError(onFatalError)
            .eventLoops(loops, loops, Transport.of(loops).serverChannel());
    this.server = new TunnelServer(withEncryption(options).build());
    this.neighbourhood =
        place.others().map(it -> new Neighbourhood(it, "", server, loops, onFatalError));
    var files = authority.<TunnelFiles>map(AuthorityFiles::new).orElse(List::of);
    for (var party : parties) {
      var register = Objects.requireNonNull(registers.get(party.realm()));
      var own = new ExAppTunnels(party, register, server, files, neighbourhood);
      tunnels.put(party.instance(), own);
      place.others().ifPresent(it -> it.neighbours().share(register, own::disconnect));
    }
  }

  private TunnelServerOptions.Builder withEncryption(TunnelServerOptions.Builder options)
      throws TunnelException {
    if (authority.isPresent()) {
      return options.tls(authority.get()::serverContext);
    }
    // Who wants TLS although none is demanded gets a certificate that proves nothing.
    var throwAway = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    return options.tls(() -> throwAway).plain(true);
  }

  /** Listens; gives the address, with its real port. */
  public Future<InetSocketAddress> start() {
    return NettyFutures.asVertx(server.start());
  }

  /** Listens for other nodes; gives the address, with its real port, if there may be any. */
  public Future<Optional<InetSocketAddress>> startForNodes() {
    return neighbourhood.isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : neighbourhood.get().start().map(Optional::of);
  }

  /** The connections to other nodes. */
  public List<LinkStatus> links() {
    return neighbourhood.map(Neighbourhood::status).orElse(List.of());
  }

  /** Ends all tunnels; those in use at the end of the grace. */
  public Future<Void> stop(Duration grace) {
    tunnels.values().forEach(ExAppTunnels::close);
    return NettyFutures.asVertx(server.stop(grace))
        .onComplete(stopped -> neighbourhood.ifPresent(Neighbourhood::close));
  }

  /** The tunnels of one of those that dial in here. */
  public ExAppTunnels of(Instance instance) {
    return Objects.requireNonNull(tunnels.get(instance), "a Nextcloud whose ExApps dial in here");
  }

  /** How many engines can be reached, of all of them. */
  public int engines() {
    return tunnels.values().stream().mapToInt(own -> own.engines().numbers().size()).sum();
  }

  /**
   * The ExApps of each, through the tunnels that they have or had.
   *
   * @param direct reaches those without a tunnel
   */
  public Function<Instance, Upstreams> upstreams(Upstreams direct) {
    var ways = new IdentityHashMap<Instance, Upstreams>();
    tunnels.forEach((instance, own) -> ways.put(instance, own.upstreams(direct)));
    return instance -> Objects.requireNonNull(ways.get(instance));
  }

  /** Whose certificates both sides show; empty where tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return authority;
  }

  /** Who has dialled in, and what is carried for them. */
  public TunnelStatus status() {
    return server.status();
  }

  /**
   * Renews the certificates, and brings them to those who have the old ones; empty where tunnels
   * need no TLS.
   *
   * @param runtimes of all engines of a Nextcloud
   */
  public Optional<CertificateCare> certificateCare(
      Function<Instance, ? extends ExAppRuntimes> runtimes) {
    var deliveries =
        tunnels.entrySet().stream()
            .map(of -> of.getValue().delivery(runtimes.apply(of.getKey())))
            .toList();
    return authority.map(it -> new CertificateCare(it, deliveries, vertx));
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
