// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.HarpProxyOptions.Tls;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.forward.Forwarder;
import io.github.harp.proxy.forward.UpstreamRemarks;
import io.github.harp.proxy.forward.pull.RunningPulls;
import io.github.harp.proxy.frontend.Frontend;
import io.github.harp.proxy.frontend.TlsCertificate;
import io.github.harp.proxy.gate.Admission;
import io.github.harp.proxy.gate.Explainer;
import io.github.harp.proxy.gate.Gate;
import io.github.harp.proxy.gate.RunningOrders;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.transport.Transport;
import io.github.harp.proxy.upstream.DirectUpstreams;
import io.github.harp.proxy.upstream.DnsHostNames;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for requests to ExApps, lets the gatekeeper decide about each, and forwards those that
 * may pass: HTTP/1.1 and HTTP/2 in, HTTP/1.1 out, WebSockets and other upgrades, bodies of any size
 * in constant memory. What is open to an ExApp ends when its record is removed, or its Nextcloud is
 * served no more.
 *
 * <p>Runs on the event loops of a Vert.x instance: the host's, which it never closes, or one of its
 * own. Thread-safe. Started once; a stopped proxy stays stopped.
 */
public final class HarpProxy {

  private static final Logger LOG = LoggerFactory.getLogger(HarpProxy.class);
  private static final long LOOK_AT_CERTIFICATE_MILLIS = 5_000;

  private final HarpProxyOptions options;
  private final Vertx vertx;
  private final boolean ownsVertx;
  private final ServedExApps served;
  private final HostNames names;
  private final Runnable closeNames;
  private final Frontend frontend;
  private final Explainer explainer;
  private final AtomicInteger upgrades = new AtomicInteger();
  private final RunningOrders orders;
  private final RunningPulls pulls = new RunningPulls(Ticker.systemTicker());
  private final @Nullable TlsCertificate certificate;
  private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
  private final List<InetSocketAddress> tlsAddresses = new CopyOnWriteArrayList<>();
  private long certificateTimer = -1;
  private @Nullable Future<Void> stopping;

  private HarpProxy(Builder builder) {
    this.options = builder.options;
    var hostVertx = builder.vertx;
    this.ownsVertx = hostVertx == null;
    this.certificate =
        options.tls().map(tls -> TlsCertificate.load(tls.certificate())).orElse(null);
    this.vertx = hostVertx != null ? hostVertx : options.transport().start();
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    var hostNames = builder.hostNames;
    this.names = hostNames != null ? hostNames : new DnsHostNames(loops);
    this.closeNames = hostNames == null ? ((DnsHostNames) names)::close : () -> {};
    var connect = options.timeouts().upstream().connect();
    var direct = new DirectUpstreams(names, connect, options.listeners());
    var upstreams = Objects.requireNonNullElse(builder.upstreams, whose -> direct);
    this.explainer = new Explainer(builder.gatekeeper, upstreams);
    this.orders = RunningOrders.inThisProcess(builder.orders);
    var admission = new Admission(options.limits().requests());
    var remarks = new UpstreamRemarks();
    this.frontend =
        new Frontend(
            options,
            loops,
            builder.observer,
            new FatalErrors(builder.onFatalError),
            loop ->
                new Gate(
                    builder.gatekeeper,
                    new Forwarder(upstreams, options, remarks, upgrades, pulls, loop),
                    orders,
                    builder.pages,
                    admission,
                    builder.pages.wrongKeys(),
                    builder.sideDoor,
                    loop));
    this.served = new ServedExApps(builder.gatekeeper.instances(), frontend::outOfService);
    LOG.debug("on {} event loops of {}", Transport.of(loops), ownsVertx ? "its own" : "the host");
  }

  /** Starts to describe a proxy that decides by this gatekeeper. */
  public static Builder builder(Gatekeeper gatekeeper) {
    return new Builder(gatekeeper);
  }

  /**
   * Starts to describe a proxy that asks this Nextcloud, with the limits of the product: ten failed
   * attempts within five minutes ban an address, sessions are remembered for three seconds, no
   * proxy in front is trusted.
   *
   * @param key what AppAPI and engines show
   */
  public static Builder builder(Nextcloud nextcloud, SharedKey key) {
    var ticker = Ticker.systemTicker();
    return builder(
        new Gatekeeper(
            Instances.only(Instance.of(key, nextcloud, Bans.of(ticker), ticker)),
            ClientAddresses.behind(TrustedProxies.none())));
  }

  /** What a proxy is made of; everything but the gatekeeper has a default. */
  public static final class Builder {

    private final Gatekeeper gatekeeper;
    private HarpProxyOptions options = HarpProxyOptions.builder().build();
    private @Nullable Function<Instance, Upstreams> upstreams;
    private @Nullable HostNames hostNames;
    private Optional<SideDoor> sideDoor = Optional.empty();
    private ControlHandler orders = ControlHandler.none();
    private OwnPages pages = new OwnPages();
    private RequestObserver observer = RequestObserver.none();
    private Consumer<Throwable> onFatalError =
        error -> LOG.error("an event loop has met an error that it may not get over", error);
    private @Nullable Vertx vertx;

    private Builder(Gatekeeper gatekeeper) {
      this.gatekeeper = Objects.requireNonNull(gatekeeper, "gatekeeper");
    }

    public Builder options(HarpProxyOptions value) {
      options = Objects.requireNonNull(value, "options");
      return this;
    }

    /** Where ExApps are; by default at the host and port of their record. */
    public Builder upstreams(Upstreams value) {
      Objects.requireNonNull(value, "upstreams");
      return upstreamsOf(whose -> value);
    }

    /** The same where it depends on whose they are; asked on event loops for every request. */
    public Builder upstreamsOf(Function<Instance, Upstreams> value) {
      upstreams = Objects.requireNonNull(value, "upstreams");
      return this;
    }

    /** Finds the hosts of ExApps and stays open; by default the proxy's own. */
    public Builder hostNames(HostNames value) {
      hostNames = Objects.requireNonNull(value, "hostNames");
      return this;
    }

    /** Who carries out orders; by default nobody, and each is answered with 503. */
    public Builder orders(ControlHandler value) {
      orders = Objects.requireNonNull(value, "orders");
      return this;
    }

    /** Where clients come in who want no ExApp; by default nowhere. */
    public Builder sideDoor(SideDoor value) {
      sideDoor = Optional.of(value);
      return this;
    }

    /** Pages of its own, where the gatekeeper says that there are some. */
    public Builder ownPages(OwnPages value) {
      pages = Objects.requireNonNull(value, "pages");
      return this;
    }

    /** Is told of each finished request. */
    public Builder observer(RequestObserver value) {
      observer = Objects.requireNonNull(value, "observer");
      return this;
    }

    /**
     * Is told, on the event loop and maybe without memory, of each {@link Error} that reaches one.
     * Something was then not done that others rely on, and a process that does nothing else had
     * better end. By default it is logged.
     */
    public Builder onFatalError(Consumer<Throwable> value) {
      onFatalError = Objects.requireNonNull(value, "onFatalError");
      return this;
    }

    /** Runs on the host's event loops; by default on its own. */
    public Builder vertx(Vertx value) {
      vertx = Objects.requireNonNull(value, "vertx");
      return this;
    }

    /**
     * A proxy that does not listen yet.
     *
     * @throws IllegalArgumentException when the transport can't be used
     */
    public HarpProxy build() {
      return new HarpProxy(this);
    }
  }

  /** Opens the listeners. Completes when all accept; fails naming the address that can't be had. */
  public Future<HarpProxy> start() {
    served.watch();
    var opening = new ArrayList<Future<?>>();
    for (var address : options.listen()) {
      opening.add(frontend.listen(address).onSuccess(addresses::add));
    }
    var tls = certificate;
    if (tls != null) {
      for (var address : options.tls().map(Tls::listen).orElse(List.of())) {
        opening.add(frontend.listenTls(address, tls).onSuccess(tlsAddresses::add));
      }
      certificateTimer =
          vertx.setPeriodic(
              LOOK_AT_CERTIFICATE_MILLIS, timer -> vertx.executeBlocking(tls::reloadIfChanged));
    }
    return Future.join(opening)
        .map(this)
        .recover(failure -> stop(Duration.ZERO).transform(done -> Future.failedFuture(failure)));
  }

  /** The addresses that are listened on for plain HTTP, with their real ports. */
  public List<InetSocketAddress> addresses() {
    return List.copyOf(addresses);
  }

  /** The addresses that are listened on for HTTPS, with their real ports. */
  public List<InetSocketAddress> tlsAddresses() {
    return List.copyOf(tlsAddresses);
  }

  /** Client connections that are open now. */
  public int openConnections() {
    return frontend.openConnections();
  }

  /** Bytes that are kept for clients now: they, or their ExApps, do not take them. */
  public long heldBytes() {
    return frontend.budget().buffers().used();
  }

  /** Clients that have been cut off since memory was short. */
  public long clientsCutOff() {
    return frontend.budget().shed();
  }

  /** WebSockets and other upgraded connections that are open now. */
  public int openUpgrades() {
    return upgrades.get();
  }

  /** Images that engines pull now; of very many only some. */
  public List<ImagePull> pulls() {
    return pulls.now();
  }

  /**
   * What would become of a request, and why. Nothing is sent to an ExApp and nobody is counted;
   * Nextcloud may be asked for an ExApp's record.
   */
  public Future<Explanation> explain(Supposition supposed) {
    var context = vertx.getOrCreateContext();
    return explainer.explain(supposed, task -> context.runOnContext(go -> task.run()));
  }

  /** The Vert.x that it runs on. */
  public Vertx vertx() {
    return vertx;
  }

  /** Resolves names as the proxy does. */
  public HostNames hostNames() {
    return names;
  }

  /**
   * The certificates in a file for {@link HarpProxyOptions.Tls}, the server's first.
   *
   * @throws IllegalArgumentException when it can't be used; the message says why
   */
  public static List<X509Certificate> certificatesIn(Path file) {
    return TlsCertificate.chainIn(file);
  }

  /** Reads the certificate's file again; false if it is broken, and the one before stays. */
  public Future<Boolean> reloadCertificates() {
    return certificate == null
        ? Future.succeededFuture(false)
        : vertx.executeBlocking(certificate::reload);
  }

  /** Tells with each answer that its connection closes; for a while before {@link #stop}. */
  public void announceEnd() {
    frontend.announceEnd();
  }

  /**
   * Stops accepting, lets requests and orders under way end, and at the end of the grace cuts what
   * is left: streams of events and WebSockets earlier, as soon as nothing else is under way.
   * Completes when all is closed, for each further call as well.
   */
  public synchronized Future<Void> stop(Duration grace) {
    if (stopping == null) {
      stopping = end(grace);
    }
    return stopping;
  }

  private Future<Void> end(Duration grace) {
    vertx.cancelTimer(certificateTimer);
    return Future.join(frontend.stop(grace), orders.awaitEnd(vertx, grace))
        .onComplete(
            done -> {
              served.close();
              closeNames.run();
            })
        .transform(done -> ownsVertx ? vertx.close() : Future.succeededFuture());
  }
}
