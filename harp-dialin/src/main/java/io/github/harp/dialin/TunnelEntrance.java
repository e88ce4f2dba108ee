// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.ban.Failures;
import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.dialin.claims.HeardTunnels;
import io.github.harp.dialin.claims.PortFile;
import io.github.harp.dialin.claims.TunnelLogins;
import io.github.harp.dialin.way.Neighbourhood;
import io.github.harp.proxy.SideDoor;
import io.github.harp.proxy.transport.NettyFutures;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.link.LinkStatus;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.github.harp.tunnel.pki.ServerCredentials;
import io.github.harp.tunnel.server.LoginBans;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.github.harp.tunnel.server.TunnelStatus;
import io.github.harp.tunnel.server.WebSockets;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel server for the ExApps and engines of one Nextcloud, or of several that know nothing of
 * each other: each has all ports for itself, and whose a client is its key or token says.
 * Thread-safe. Started once.
 */
public final class TunnelEntrance {

  private final Optional<CertificateAuthority> authority;
  private final Optional<CertificateCare> certificates;
  private final Vertx vertx;
  private final TunnelServer server;
  private final SideDoor sideDoor;
  private final Optional<Neighbourhood> neighbourhood;
  private final TunnelLogins logins = new TunnelLogins();
  private final Map<String, TunnelRegister> registers = new ConcurrentHashMap<>();
  private final List<ExAppTunnels> admitted = new CopyOnWriteArrayList<>();

  /**
   * Where they dial in.
   *
   * @param balancers whose word about a client's address is taken, in the PROXY protocol
   * @param quic where they may dial in over QUIC, too; empty where they may not
   * @param webSockets whether they may come by WebSocket, here and through the front door
   * @param authority whose certificates both sides show; empty for a server that demands no TLS
   * @param others by which tunnels of other nodes are reached
   */
  public record Place(
      InetSocketAddress address,
      Optional<InetSocketAddress> quic,
      Predicate<InetAddress> balancers,
      WebSockets webSockets,
      Optional<CertificateAuthority> authority,
      Optional<NodesAround> others) {}

  /**
   * A tunnel server that does not listen yet, and at which nobody may dial in.
   *
   * @param bans who may not log in
   * @param listener hears of tunnels once they are known here
   * @param vertx whose event loops it runs on; stays open
   * @param onFatalError see {@link TunnelServerOptions#onFatalError}
   * @throws TunnelException when no certificate can be made
   */
  public TunnelEntrance(
      Place place,
      Failures bans,
      TunnelListener listener,
      Vertx vertx,
      Consumer<Throwable> onFatalError)
      throws TunnelException {
    this.authority = place.authority();
    this.certificates = authority.map(it -> new CertificateCare(it, vertx));
    this.vertx = vertx;
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    var options =
        TunnelServerOptions.builder()
            .address(place.address())
            .balancers(place.balancers())
            .webSockets(place.webSockets())
            .authenticator(logins)
            .bans(new LoginFailures(bans))
            .listener(new HeardTunnels(registers).and(listener))
            .onFatalError(onFatalError)
            .eventLoops(loops, loops, Transport.of(loops).serverChannel());
    this.server = new TunnelServer(withEncryption(options, place.quic()).build());
    this.sideDoor = new WebSocketDoor(server, place.webSockets() != WebSockets.OFF);
    this.neighbourhood =
        place.others().map(it -> new Neighbourhood(it, server, loops, onFatalError));
  }

  private TunnelServerOptions.Builder withEncryption(
      TunnelServerOptions.Builder options, Optional<InetSocketAddress> quic)
      throws TunnelException {
    if (authority.isPresent()) {
      quic.ifPresent(it -> options.quic(it, authority.get()::serverCredentials));
      return options.tls(authority.get()::serverContext);
    }
    if (quic.isPresent()) {
      var self = CertificateAuthority.throwAwayServer(Clock.systemUTC());
      var credentials = new ServerCredentials(self, Optional.empty());
      options.quic(quic.get(), () -> credentials);
    }
    // Who wants TLS although none is demanded gets a certificate that proves nothing.
    var throwAway = CertificateAuthority.throwAwayServerContext(Clock.systemUTC());
    return options.tls(() -> throwAway).plain(true);
  }

  /** Listens; gives the address, with its real port. */
  public Future<InetSocketAddress> start() {
    return NettyFutures.asVertx(server.start());
  }

  /** Where they dial in over QUIC, with its real port; empty where they don't. */
  public Optional<InetSocketAddress> quicAddress() {
    return server.quicAddress();
  }

  /** Listens for other nodes; gives the address, with its real port, if there may be any. */
  public Future<Optional<InetSocketAddress>> startForNodes() {
    return neighbourhood.isEmpty()
        ? Future.succeededFuture(Optional.empty())
        : neighbourhood.get().start().map(Optional::of);
  }

  /** Tries the way to another node; fails where there is none. */
  public Future<Void> tryLink(String node) {
    return neighbourhood
        .map(it -> it.tryLink(node))
        .orElse(Future.failedFuture("there are no other nodes"));
  }

  /** The connections to other nodes. */
  public List<LinkStatus> links() {
    return neighbourhood.map(Neighbourhood::status).orElse(List.of());
  }

  /** Ends all tunnels; those in use at the end of the grace. */
  public Future<Void> stop(Duration grace) {
    certificates.ifPresent(CertificateCare::stop);
    admitted.forEach(ExAppTunnels::close);
    return NettyFutures.asVertx(server.stop(grace))
        .onComplete(stopped -> neighbourhood.ifPresent(Neighbourhood::close));
  }

  /** Lets the ExApps and engines of a Nextcloud dial in, of whose name is no other one. Blocks. */
  public ExAppTunnels admit(Party party) {
    var memory = new PortFile(party.memory());
    var register = memory.register(party.instance().records(), vertx);
    registers.put(party.realm(), register);
    logins.admit(party);
    var own =
        new ExAppTunnels(party, register, memory, server, files(), neighbourhood, certificates);
    admitted.add(own);
    party.others().ifPresent(it -> it.share(register, own::disconnect));
    return own;
  }

  /** Ends the tunnels of one whose ExApps and engines are to dial in no more. Blocks. */
  public void dismiss(ExAppTunnels own) {
    logins.dismiss(own.party());
    server.disconnect(own.party()::isOf, "its Nextcloud is served no more");
    admitted.remove(own);
    own.close();
    registers.remove(own.party().realm(), own.tunnels());
  }

  /** What new containers get to dial in with, whose ever they are. */
  public TunnelFiles files() {
    return authority.<TunnelFiles>map(AuthorityFiles::new).orElse(List::of);
  }

  /** Whose certificates both sides show; empty where tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return authority;
  }

  /** Who has dialled in, and what is carried for them. */
  public TunnelStatus status() {
    return server.status();
  }

  /** Renews the certificates, and brings them to those who have the old ones; empty without. */
  public Optional<CertificateCare> certificates() {
    return certificates;
  }

  /** Where they dial in through the front door, by WebSocket, or are told that this is off. */
  public SideDoor sideDoor() {
    return sideDoor;
  }

  /** A client of frp that comes although it is off tries again and again, and is no guesser. */
  private record WebSocketDoor(TunnelServer server, boolean open) implements SideDoor {

    @Override
    public String path() {
      return TunnelServer.webSocketPath();
    }

    @Override
    public Optional<Map<String, String>> answer(UnaryOperator<@Nullable String> header) {
      return open ? TunnelServer.webSocketAnswer(header) : Optional.empty();
    }

    @Override
    public ChannelHandler takeOver(InetSocketAddress client) {
      return server.webSocketOf(client);
    }
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
