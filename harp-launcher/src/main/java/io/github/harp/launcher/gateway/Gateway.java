// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.access.GatekeeperOptions;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.dialin.CertificateCare;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.facts.Facts;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.observe.WrongKeyLog;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.OwnPages;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The libraries put together as one configuration wants it: this class says what talks to what, and
 * in which order it all starts and stops.
 *
 * <p>Thread-safe. Started once.
 */
public final class Gateway {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final Logger PROGRESS = LoggerFactory.getLogger(LogOutput.PROGRESS);

  /** What tunnels, engines and sockets may take at the end, when requests have ended. */
  private static final Duration LAST_STEPS = Duration.ofSeconds(1);

  /** Within this time a balancer sees that this node is not ready, and sends nobody here. */
  private static final Duration NOTICE = Duration.ofSeconds(4);

  /** For so long a node that starts waits to know what the others know. */
  static final Duration CATCH_UP = Duration.ofSeconds(5);

  private final Ground ground;
  private final TunnelEntrance entrance;
  private final Nextclouds nextclouds;
  private final HarpProxy proxy;
  private final Stun stun;
  private final OwnPages pages = new OwnPages();
  private final AdminPort admin;
  private volatile Configuration configuration;
  private volatile boolean ready;
  private volatile boolean ends;
  private volatile InetSocketAddress tunnelAddress = new InetSocketAddress(0);

  /** One in a process that does other things as well: errors are logged. */
  public Gateway(Configuration configuration, Vertx vertx) throws StartException {
    this(
        configuration,
        vertx,
        error -> LOG.error("an event loop has met an error that it may not get over", error));
  }

  /**
   * A gateway that does not listen yet.
   *
   * @param vertx what it runs on; stays open when the gateway stops
   * @param onFatalError told on the event loop that has met it
   * @throws StartException when certificates are missing or broken
   */
  public Gateway(Configuration configuration, Vertx vertx, Consumer<Throwable> onFatalError)
      throws StartException {
    PROGRESS.info("HaRP for the JVM {}", Version.number());
    this.configuration = configuration;
    this.ground = Ground.of(configuration, vertx);
    this.entrance = dialIn(onFatalError);
    this.nextclouds = new Nextclouds(ground, entrance);
    this.proxy = frontDoor(onFatalError);
    this.stun = new Stun(configuration.tunnels().stun());
    var view = view();
    this.admin = AdminPort.of(configuration.listeners(), vertx, view, pages);
    entrance.authority().ifPresent(ground.nodes()::keep);
    ground.observation().watch(nextclouds, entrance, proxy);
    view.nodes().ifPresent(it -> ground.observation().watch(it, ground.ticker()));
  }

  /** Who is reached through a tunnel. */
  private TunnelEntrance dialIn(Consumer<Throwable> onFatalError) throws StartException {
    try {
      return new TunnelEntrance(
          new TunnelEntrance.Place(
              configuration.listeners().frp().toSocketAddress(),
              configuration.tunnels().quic().map(ListenAddress::toSocketAddress),
              configuration.access().trustedProxies()::contains,
              configuration.tunnels().webSockets(),
              configuration.tunnels().tls()
                  ? Optional.of(configuration.certificates().openAuthority())
                  : Optional.empty(),
              ground.nodes().neighbours(ground.names())),
          ground.bans().tunnels(),
          ground.observation().ofTunnels(),
          ground.vertx(),
          onFatalError);
    } catch (TunnelException e) {
      throw new StartException("tunnels: " + e.getMessage(), e);
    }
  }

  /** Who may come in, and what becomes of requests and orders. */
  private HarpProxy frontDoor(Consumer<Throwable> onFatalError) throws StartException {
    var access = configuration.access();
    var trusted = access.trustedProxies().networks();
    PROGRESS.info("trusted proxies: {}", trusted.isEmpty() ? "none" : trusted);
    var gatekeeper =
        new Gatekeeper(
            nextclouds.instances(),
            nextclouds::engines,
            ClientAddresses.behind(access.trustedProxies()),
            new GatekeeperOptions(
                new WrongKeyLog(configuration.first().key(), ground::blocking, ground.ticker()),
                access.banAnswer(),
                new SeldomNotices(ground.ticker()),
                configuration.listeners().adminPublic()));
    try {
      var builder = HarpProxy.builder(gatekeeper);
      builder.sideDoor(entrance.sideDoor());
      return builder
          .vertx(ground.vertx())
          .hostNames(ground.names())
          .options(configuration.proxy())
          .onFatalError(onFatalError)
          .upstreamsOf(nextclouds::upstreams)
          .orders(nextclouds.orders())
          .ownPages(pages)
          .observer(
              ground
                  .observation()
                  .ofRequests(configuration.operation().log().users(), configuration.several()))
          .build();
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private GatewayView view() {
    var observation = ground.observation();
    return new GatewayView(
        () -> Facts.of(configuration),
        proxy,
        observation.memory(),
        () -> nextclouds.all().stream().map(it -> it.view(configuration.certificates())).toList(),
        nextclouds::bans,
        Optional.of(
            new TunnelView(
                entrance::status,
                observation.refusedLogins(),
                entrance.authority().map(authority -> authority::describe))),
        ground.nodes().view(entrance),
        () -> ready,
        observation.registry()::scrape);
  }

  /**
   * Opens all listeners; if one can't be had, none stays open. It is ready at once, or, where there
   * are other nodes, when it knows what they know, or can't for now.
   */
  public Future<Gateway> start() {
    return open()
        .recover(failure -> stop(Duration.ZERO).transform(done -> Future.failedFuture(failure)));
  }

  private Future<Gateway> open() {
    return entrance
        .startForNodes()
        .recover(failure -> ListenFailure.at("HP_CLUSTER_ADDRESS", failure))
        .compose(at -> ground.nodes().start(at.map(InetSocketAddress::getPort).orElse(0)))
        .compose(begun -> ground.blocking(nextclouds::join))
        .compose(joined -> proxy.start())
        .recover(
            failure -> ListenFailure.at("HP_EXAPPS_ADDRESS or HP_EXAPPS_HTTPS_ADDRESS", failure))
        .compose(started -> entrance.start())
        .recover(
            failure ->
                ListenFailure.at(
                    "HP_FRP_ADDRESS "
                        + configuration.listeners().frp()
                        + configuration
                            .tunnels()
                            .quic()
                            .map(it -> " or HP_FRP_QUIC_ADDRESS " + it)
                            .orElse(""),
                    failure))
        .compose(
            address -> {
              tunnelAddress = address;
              return stun.start();
            })
        .compose(started -> admin.open())
        .map(
            started -> {
              entrance.certificates().ifPresent(CertificateCare::start);
              // Until then whoever is sent here is lost or goes astray: not a reason to wait at a
              // start that is to be stopped.
              nextclouds.caughtUp(CATCH_UP).onComplete(done -> beginReady());
              return this;
            });
  }

  private void beginReady() {
    ready = true;
    if (ends) {
      ready = false;
      return;
    }
    // From here on, since it would compete with what the first request waits for.
    nextclouds.instances().all().forEach(each -> each.tokens().ready());
    PROGRESS.info(
        "ready: ExApps on {}{}, tunnels on {}{}",
        shown(proxy.addresses()),
        proxy.tlsAddresses().isEmpty() ? "" : " and with TLS on " + shown(proxy.tlsAddresses()),
        shown(List.of(tunnelAddress)),
        entrance.quicAddress().map(it -> " and over QUIC on " + shown(List.of(it))).orElse(""));
  }

  /**
   * Serves the Nextclouds of a configuration that is read again, and reads certificates again, for
   * new connections. All else stays as it was at the start. Complete when it is done.
   */
  public Future<Void> reload(Configuration again) {
    PROGRESS.info("reading certificates and Nextclouds again");
    proxy.reloadCertificates();
    entrance.certificates().ifPresent(CertificateCare::renew);
    return ground.blocking(
        () -> {
          nextclouds.serve(again.nextclouds());
          configuration = again;
        });
  }

  /**
   * Stops in the order in which things depend on each other: listeners, requests and orders,
   * tunnels, engines. Where there are other nodes, all goes on for a while before, so that nobody
   * is sent here any more.
   *
   * @param grace how long all of it may take
   */
  public Future<Void> stop(Duration grace) {
    var end = System.nanoTime() + grace.minus(LAST_STEPS).toNanos();
    return giveNotice(grace)
        .compose(given -> proxy.stop(left(end)))
        // What other nodes' requests and orders use of the tunnels here has as long as ours.
        .transform(done -> entrance.stop(isAlone() ? Duration.ZERO : left(end)))
        .transform(done -> ground.blocking(nextclouds::close))
        .transform(done -> nextclouds.leave())
        .transform(done -> admin.close())
        .onComplete(done -> stun.close())
        .transform(done -> ground.close());
  }

  private Future<Void> giveNotice(Duration grace) {
    ends = true;
    var wasReady = ready;
    ready = false;
    var half = grace.dividedBy(2).toMillis();
    if (isAlone() || !wasReady || half == 0) {
      return Future.succeededFuture();
    }
    proxy.announceEnd();
    // Not on a context, whose event loop would have ended when all is told of the end.
    var given = Promise.<Void>promise();
    ground.vertx().setTimer(Math.min(NOTICE.toMillis(), half), timer -> given.complete());
    return given.future();
  }

  private boolean isAlone() {
    return configuration.nodes().isEmpty();
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** The addresses for plain HTTP, with their real ports. */
  public List<InetSocketAddress> addresses() {
    return proxy.addresses();
  }

  public InetSocketAddress tunnelAddress() {
    return tunnelAddress;
  }

  /** 0 when there is no admin end-point. */
  public int adminPort() {
    return admin.number();
  }

  /** What this gateway counts and measures. */
  public MeterRegistry registry() {
    return ground.observation().registry();
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return nextclouds.first().tunnels().tokens();
  }

  /** Empty when tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return entrance.authority();
  }

  private static String shown(List<InetSocketAddress> addresses) {
    return addresses.stream().map(NetUtil::toSocketAddressString).collect(Collectors.joining(", "));
  }
}
