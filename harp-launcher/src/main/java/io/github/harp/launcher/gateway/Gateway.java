// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.InstanceName;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.access.GatekeeperOptions;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.ban.Failures;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.runtime.orders.OrderObserver;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import io.github.harp.dialin.CertificateCare;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.kubernetes.KubernetesCluster;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.Way;
import io.github.harp.operations.admin.AdminEndpoint;
import io.github.harp.operations.observe.WrongKeyLog;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.upstream.DirectUpstreams;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.time.Clock;
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

  private final Configuration configuration;
  private final Vertx vertx;
  private final DnsHostNames names;
  private final Observation observation;
  private final Nodes nodes;
  private final Nextclouds nextclouds;
  private final TunnelEntrance entrance;
  private final Workplaces workplaces;
  private final Optional<CertificateCare> certificates;
  private final HarpProxy proxy;
  private final Stun stun;
  private final AdminPort admin;
  private volatile boolean ready;
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
    var ticker = Ticker.systemTicker();
    this.configuration = configuration;
    this.vertx = vertx;
    this.names = new DnsHostNames(loops());
    this.observation = Observation.begin(Clock.systemUTC(), ticker);
    this.nodes = Nodes.of(configuration, vertx);
    var access = configuration.access();
    var bans = nodes.share(Bans.of(access.banCount(), access.banWindow(), ticker));
    var cluster =
        configuration
            .places()
            .cluster()
            .map(
                it ->
                    new KubernetesCluster(
                        it,
                        new KubernetesCluster.DialIn(this::inCluster, this::tunnelFiles),
                        vertx,
                        loops(),
                        ofOrders(InstanceName.FIRST),
                        nodes.locks()));
    this.nextclouds = new Nextclouds(configuration, vertx, names, cluster, bans, nodes, ticker);
    this.entrance = dialIn(bans.tunnels(), onFatalError);
    entrance.authority().ifPresent(nodes::keep);
    this.workplaces =
        new Workplaces(
            configuration,
            nextclouds,
            entrance,
            each ->
                Containers.on(
                    entrance.of(each),
                    loops(),
                    ofOrders(each.name()),
                    nodes.locks(),
                    each == nextclouds.first() ? cluster : Optional.empty()));
    this.certificates = entrance.certificateCare(each -> workplaces.of(each).runtimes());
    this.proxy = frontDoor(ticker, onFatalError);
    observation.watch(nextclouds, entrance, proxy);
    nodes.watch(observation.registry());
    this.stun = new Stun(configuration.tunnels().stun());
    this.admin = new AdminPort(configuration.listeners(), new AdminEndpoint(vertx, view()));
    describe();
  }

  private OrderObserver ofOrders(InstanceName whose) {
    return observation.ofOrders(
        configuration.others().nextclouds().isEmpty()
            ? Optional.empty()
            : Optional.of(whose.text()));
  }

  private EventLoopGroup loops() {
    return ((VertxInternal) vertx).nettyEventLoopGroup();
  }

  /** Who is reached through a tunnel, and who without one. */
  private TunnelEntrance dialIn(Failures bans, Consumer<Throwable> onFatalError)
      throws StartException {
    try {
      return new TunnelEntrance(
          nextclouds.parties(names),
          new TunnelEntrance.Place(
              configuration.listeners().frp().toSocketAddress(),
              configuration.tunnels().tls()
                  ? Optional.of(configuration.certificates().openAuthority())
                  : Optional.empty(),
              nodes.neighbours(names)),
          bans,
          observation.ofTunnels(),
          vertx,
          onFatalError);
    } catch (TunnelException e) {
      throw new StartException("tunnels: " + e.getMessage(), e);
    }
  }

  /** Who may come in, and what becomes of requests and orders. */
  private HarpProxy frontDoor(Ticker ticker, Consumer<Throwable> onFatalError)
      throws StartException {
    var gatekeeper =
        new Gatekeeper(
            nextclouds.instances(),
            whose -> entrance.of(whose).engines(),
            ClientAddresses.behind(configuration.access().trustedProxies()),
            new GatekeeperOptions(
                new WrongKeyLog(nextclouds.first().key(), this::blocking, ticker),
                configuration.access().banAnswer(),
                new SeldomNotices(ticker)));
    var connect = configuration.http().timeouts().upstream().connect();
    try {
      return HarpProxy.builder(gatekeeper)
          .vertx(vertx)
          .hostNames(names)
          .options(configuration.proxy())
          .onFatalError(onFatalError)
          .upstreamsOf(entrance.upstreams(new DirectUpstreams(names, connect)))
          .orders(workplaces.orders())
          .observer(
              observation.ofRequests(
                  configuration.operation().log().users(), nextclouds.areSeveral()))
          .build();
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private ContainerEnvironment inCluster(ContainerEnvironment ordered) {
    return workplaces.inCluster(ordered);
  }

  private List<TunnelFile> tunnelFiles() {
    return entrance.of(nextclouds.first()).files().forExApps();
  }

  private GatewayView view() {
    return new GatewayView(
        () -> Facts.of(configuration),
        proxy,
        observation.memory(),
        nextclouds.first(),
        nextclouds.bans(),
        entrance.of(nextclouds.first()).engines(),
        workplaces.of(nextclouds.first()).runtimes(),
        workplaces.neighbours(),
        Optional.of(
            new TunnelView(
                entrance::status,
                observation.refusedLogins(),
                entrance.authority().map(authority -> authority::describe),
                exApp -> Way.of(entrance.of(nextclouds.first()).tunnels(), exApp))),
        nodes.view(),
        () -> ready,
        observation.registry()::scrape);
  }

  /** Opens all listeners; if one can't be had, none stays open. */
  public Future<Gateway> start() {
    return open()
        .recover(failure -> stop(Duration.ZERO).transform(done -> Future.failedFuture(failure)));
  }

  private Future<Gateway> open() {
    return entrance
        .startForNodes()
        .recover(failure -> ListenFailure.at("HP_CLUSTER_ADDRESS", failure))
        .compose(address -> nodes.start(address.map(InetSocketAddress::getPort).orElse(0)))
        .compose(begun -> proxy.start())
        .recover(
            failure -> ListenFailure.at("HP_EXAPPS_ADDRESS or HP_EXAPPS_HTTPS_ADDRESS", failure))
        .compose(started -> entrance.start())
        .recover(
            failure ->
                ListenFailure.at("HP_FRP_ADDRESS " + configuration.listeners().frp(), failure))
        .compose(
            address -> {
              tunnelAddress = address;
              return stun.start();
            })
        .compose(started -> admin.open())
        .map(
            started -> {
              certificates.ifPresent(CertificateCare::start);
              ready = true;
              // From here on, since it would compete with what the first request waits for.
              nextclouds.instances().all().forEach(each -> each.tokens().ready());
              PROGRESS.info(
                  "ready: ExApps on {}{}, tunnels on {}",
                  shown(proxy.addresses()),
                  proxy.tlsAddresses().isEmpty()
                      ? ""
                      : " and with TLS on " + shown(proxy.tlsAddresses()),
                  shown(List.of(tunnelAddress)));
              return this;
            });
  }

  /** Reads certificates again, for new connections. */
  public void reload() {
    PROGRESS.info("reading certificates again");
    proxy.reloadCertificates();
    certificates.ifPresent(CertificateCare::renew);
  }

  /**
   * Stops in the order in which things depend on each other: listeners, requests and orders,
   * tunnels, engines.
   *
   * @param grace how long all of it may take
   */
  public Future<Void> stop(Duration grace) {
    ready = false;
    certificates.ifPresent(CertificateCare::stop);
    var forRequests = grace.minus(LAST_STEPS);
    return proxy
        .stop(forRequests.isNegative() ? Duration.ZERO : forRequests)
        .transform(done -> entrance.stop(Duration.ZERO))
        .transform(done -> blocking(() -> workplaces.close()))
        .transform(done -> admin.close())
        .transform(done -> nextclouds.close())
        .transform(done -> nodes.stop())
        .transform(
            done -> {
              stun.close();
              names.close();
              return Future.succeededFuture();
            });
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
    return observation.registry();
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return entrance.of(nextclouds.first()).tokens();
  }

  /** Empty when tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return entrance.authority();
  }

  private void describe() {
    PROGRESS.info("HaRP for the JVM {}", Version.number());
    PROGRESS.info("Nextcloud at {}", configuration.nextcloud().url());
    for (var other : nextclouds.others().values()) {
      PROGRESS.info(
          "Nextcloud {} at {}, asked for as {}",
          other.name(),
          other.nextcloud().url(),
          other.hosts());
    }
    PROGRESS.info(
        "engines without a tunnel: {}", entrance.of(nextclouds.first()).engines().numbers());
    configuration.places().cluster().ifPresent(it -> PROGRESS.info("cluster: {}", it));
    var trusted = configuration.access().trustedProxies().networks();
    PROGRESS.info("trusted proxies: {}", trusted.isEmpty() ? "none" : trusted);
  }

  private Future<Void> blocking(Runnable task) {
    return vertx.executeBlocking(
        () -> {
          task.run();
          return null;
        },
        false);
  }

  private static String shown(List<InetSocketAddress> addresses) {
    return addresses.stream().map(NetUtil::toSocketAddressString).collect(Collectors.joining(", "));
  }
}
