// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.serve;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.Engines;
import io.github.harp.core.ExAppRecords;
import io.github.harp.core.Instances;
import io.github.harp.core.TunnelTokens;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.access.GatekeeperOptions;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.runtime.ExAppCredentials;
import io.github.harp.docker.DockerRuntimes;
import io.github.harp.launcher.Version;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.Configuration.Tunnels.ExAppKey;
import io.github.harp.launcher.logging.LogOutput;
import io.github.harp.launcher.tunnels.CertificateDelivery;
import io.github.harp.launcher.tunnels.ExpectedTunnels;
import io.github.harp.launcher.tunnels.TunnelClaims;
import io.github.harp.launcher.tunnels.TunnelEngines;
import io.github.harp.launcher.tunnels.TunnelSide;
import io.github.harp.launcher.tunnels.TunnelUpstreams;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.TunnelView;
import io.github.harp.operations.Way;
import io.github.harp.operations.admin.AdminEndpoint;
import io.github.harp.operations.observe.AccessLog;
import io.github.harp.operations.observe.EngineMetrics;
import io.github.harp.operations.observe.GatewayMetrics;
import io.github.harp.operations.observe.NonceWitness;
import io.github.harp.operations.observe.RefusedLogins;
import io.github.harp.operations.observe.RequestMetrics;
import io.github.harp.operations.observe.TunnelMetrics;
import io.github.harp.operations.observe.WrongKeyLog;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.control.ControlApi;
import io.github.harp.proxy.upstream.DirectUpstreams;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelListener;
import io.github.harp.tunnel.pki.CertificateAuthority;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  private final NextcloudSide nextcloud;
  private final TunnelSide tunnels;
  private final DockerRuntimes runtimes;
  private final Optional<CertificateCare> certificates;
  private final HarpProxy proxy;
  private final AdminEndpoint admin;
  private final MeterRegistry registry;
  private volatile boolean ready;
  private volatile InetSocketAddress tunnelAddress = new InetSocketAddress(0);
  private volatile int adminPort;

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
    this.configuration = configuration;
    this.vertx = vertx;
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    var clock = Clock.systemUTC();
    var ticker = Ticker.systemTicker();
    this.names = new DnsHostNames(loops);
    this.nextcloud = new NextcloudSide(configuration, vertx, names, ticker);
    var instance = nextcloud.instance();
    var records = instance.records();
    var bans =
        Bans.of(configuration.access().banCount(), configuration.access().banWindow(), ticker);
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var tunnelMetrics = new TunnelMetrics(registry, ticker);
    var refusedLogins = new RefusedLogins(clock);
    var localEngines = LocalEngines.of(configuration, names);
    this.tunnels =
        tunnelSide(
            new TunnelClaims(instance, localEngines),
            records,
            bans,
            refusedLogins.and(tunnelMetrics),
            loops,
            clock);
    tunnelMetrics.watch(tunnels.server()::status);
    var engines = new TunnelEngines(localEngines, tunnels.server(), tunnels.tunnels());
    var gatekeeper =
        new Gatekeeper(
            Instances.only(instance),
            engines,
            ClientAddresses.behind(configuration.access().trustedProxies()),
            bans,
            new GatekeeperOptions(
                new WrongKeyLog(instance.key(), this::inBackground, ticker),
                configuration.access().banAnswer(),
                new SeldomNotices(ticker)));
    this.runtimes =
        new DockerRuntimes(engines, loops, tunnels.files(), new EngineMetrics(registry));
    var delivery =
        new CertificateDelivery(
            tunnels.files(), runtimes, localEngines, engines, () -> appsSeen(instance.records()));
    this.certificates =
        tunnels.authority().map(authority -> new CertificateCare(authority, delivery, vertx));

    var witness = new NonceWitness();
    this.proxy =
        proxy(
            HarpProxy.builder(gatekeeper)
                .vertx(vertx)
                .hostNames(names)
                .options(configuration.proxy())
                .onFatalError(onFatalError)
                .upstreams(
                    new TunnelUpstreams(
                        tunnels.server(),
                        tunnels.tunnels(),
                        new DirectUpstreams(names, configuration.timeouts().upstream().connect())))
                .orders(
                    ControlApi.builder(records, instance.nextcloud())
                        .runtimes(runtimes, credentials())
                        .mounts(configuration.mounts())
                        .version(Version.number())
                        .build())
                .observer(
                    new AccessLog(
                            LoggerFactory.getLogger(LogOutput.ACCESS), configuration.log().users())
                        .and(new RequestMetrics(registry))
                        .and(witness)));
    var view =
        new GatewayView(
            () -> Facts.of(configuration),
            proxy,
            witness,
            instance,
            bans.all(),
            engines,
            runtimes,
            Optional.of(
                new TunnelView(
                    tunnels.server()::status,
                    refusedLogins,
                    tunnels.authority().map(authority -> authority::describe),
                    exApp -> Way.of(tunnels.tunnels(), exApp))),
            () -> ready,
            registry::scrape);
    new GatewayMetrics(registry)
        .connections(proxy::openConnections)
        .exApps(() -> records.all().size())
        .engines(() -> engines.numbers().size())
        .webSockets(proxy::openUpgrades)
        .held(proxy::heldBytes, proxy::clientsCutOff)
        .cache("exapps", nextcloud::recordStats)
        .cache("sessions", instance.sessions()::stats)
        .bans(bans.all());
    this.registry = registry;
    this.admin = new AdminEndpoint(vertx, view);
    describe(engines);
  }

  /** Opens all listeners; if one can't be had, none stays open. */
  public Future<Gateway> start() {
    return open()
        .recover(failure -> stop(Duration.ZERO).transform(done -> Future.failedFuture(failure)));
  }

  private Future<Gateway> open() {
    return proxy
        .start()
        .recover(failure -> failed("HP_EXAPPS_ADDRESS or HP_EXAPPS_HTTPS_ADDRESS", failure))
        .compose(started -> tunnels.start())
        .recover(failure -> failed("HP_FRP_ADDRESS " + configuration.listeners().frp(), failure))
        .compose(
            address -> {
              tunnelAddress = address;
              return startAdmin();
            })
        .map(
            started -> {
              certificates.ifPresent(CertificateCare::start);
              ready = true;
              // From here on, since it would compete with what the first request waits for.
              nextcloud.instance().tokens().ready();
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

  private Future<Void> startAdmin() {
    var address = configuration.listeners().admin();
    return address.isEmpty() ? done() : admin.listen(address.get()).transform(this::adminOpened);
  }

  /** Where its port is the default one and taken, the gateway serves all the same. */
  private Future<Void> adminOpened(AsyncResult<Integer> opened) {
    var listeners = configuration.listeners();
    var name = "HP_ADMIN_ADDRESS " + listeners.admin().map(Object::toString).orElse("");
    if (opened.succeeded()) {
      adminPort = opened.result();
      return done();
    }
    if (listeners.adminWanted()) {
      return failed(name, opened.cause());
    }
    LOG.warn(
        "{}: {}; there are no health, metrics and doctor until it is set to a free address",
        name,
        ListenFailure.explain(opened.cause()));
    return done();
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
        .transform(done -> tunnels.stop(Duration.ZERO))
        .transform(done -> blocking(runtimes::close))
        .transform(done -> admin.close())
        .transform(done -> nextcloud.close())
        .transform(
            done -> {
              names.close();
              return done();
            });
  }

  /** The addresses for plain HTTP, with their real ports. */
  public List<InetSocketAddress> addresses() {
    return proxy.addresses();
  }

  public List<InetSocketAddress> tlsAddresses() {
    return proxy.tlsAddresses();
  }

  public InetSocketAddress tunnelAddress() {
    return tunnelAddress;
  }

  /** 0 when there is no admin end-point. */
  public int adminPort() {
    return adminPort;
  }

  /** What this gateway counts and measures. */
  MeterRegistry registry() {
    return registry;
  }

  /** What ExApps dial in with; who gets one is expected to. */
  public TunnelTokens tokens() {
    return new ExpectedTunnels(nextcloud.instance().tokens(), tunnels.tunnels());
  }

  /** Empty when tunnels need no TLS. */
  public Optional<CertificateAuthority> authority() {
    return tunnels.authority();
  }

  private TunnelSide tunnelSide(
      TunnelClaims claims,
      ExAppRecords records,
      Bans bans,
      TunnelListener listener,
      EventLoopGroup loops,
      Clock clock)
      throws StartException {
    try {
      return new TunnelSide(
          configuration.listeners().frp(),
          configuration.tunnels().tls()
              ? Optional.of(configuration.certificates())
              : Optional.empty(),
          configuration.certificates().tunnelPorts(),
          claims,
          records,
          bans.tunnels(),
          listener,
          loops,
          clock,
          this::inBackground);
    } catch (TunnelException e) {
      throw new StartException("tunnels: " + e.getMessage(), e);
    }
  }

  private ExAppCredentials credentials() {
    return configuration.tunnels().exAppKey() == ExAppKey.SHARED
        ? ExAppCredentials.sharedKey()
        : ExAppCredentials.ownTokens(tokens());
  }

  private static HarpProxy proxy(HarpProxy.Builder builder) throws StartException {
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Those that somebody has used, and those that have dialled in. */
  private Set<AppId> appsSeen(ExAppRecords records) {
    var seen = TunnelClaims.appsIn(tunnels.server().status());
    records.all().forEach(exApp -> seen.add(exApp.id()));
    return seen;
  }

  private void describe(Engines engines) {
    PROGRESS.info("HaRP for the JVM {}", Version.number());
    PROGRESS.info("Nextcloud at {}", nextcloud.instance());
    PROGRESS.info("engines without a tunnel: {}", engines.numbers());
    PROGRESS.info(
        "trusted proxies: {}",
        configuration.access().trustedProxies().networks().isEmpty()
            ? "none"
            : configuration.access().trustedProxies().networks());
  }

  private void inBackground(Runnable task) {
    vertx
        .executeBlocking(
            () -> {
              task.run();
              return null;
            },
            false)
        .onFailure(failure -> LOG.debug("a task in the background broke", failure));
  }

  private Future<Void> blocking(Runnable task) {
    return vertx.executeBlocking(
        () -> {
          task.run();
          return null;
        });
  }

  private static String shown(List<InetSocketAddress> addresses) {
    return addresses.stream().map(NetUtil::toSocketAddressString).collect(Collectors.joining(", "));
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  private static <T> Future<T> failed(String where, Throwable failure) {
    return Future.failedFuture(
        failure instanceof StartException
            ? failure
            : new StartException(where + ": " + ListenFailure.explain(failure), failure));
  }
}
