// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.InstanceName;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.address.ClientAddresses;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.instance.Instances;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.Wait;
import io.github.harp.core.upstream.Engines;
import io.github.harp.operations.admin.AdminEndpoint;
import io.github.harp.operations.admin.PublicPage;
import io.github.harp.operations.metrics.RequestMetrics;
import io.github.harp.proxy.HarpProxy;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.OwnPages;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A host that has {@link HarpProxy} alone, and looks after it: no launcher, tunnels, engines. */
public final class EmbeddedGateway implements AutoCloseable {

  public static final String KEY = "a key that is only used in tests";

  public final Bans bans = Bans.of(Ticker.systemTicker());
  public volatile boolean ready = true;
  public volatile Optional<Path> httpsCertificate = Optional.empty();

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final HarpProxy proxy;
  private final GatewayView view;
  private final int admin;

  public EmbeddedGateway() {
    this(Engines.of(Map.of()), ExAppRuntimes.none());
  }

  public EmbeddedGateway(Engines engines, ExAppRuntimes runtimes) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var instance = Instance.of(SharedKey.of(KEY), new FakeNextcloud(), bans, Ticker.systemTicker());
    var memory = new RequestMemory(Clock.systemUTC());
    proxy =
        HarpProxy.builder(
                new Gatekeeper(
                    Instances.only(instance), ClientAddresses.behind(TrustedProxies.none())))
            .vertx(vertx)
            .options(
                HarpProxyOptions.builder()
                    .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .build())
            .observer(new RequestMetrics(registry, false).and(memory))
            .build();
    Wait.resultOf(proxy.start());
    view =
        new GatewayView(
            this::facts,
            proxy,
            memory,
            () -> List.of(served(instance, engines, runtimes)),
            bans::all,
            Optional.empty(),
            Optional.empty(),
            () -> ready,
            registry::scrape);
    admin = Wait.resultOf(new AdminEndpoint(vertx, view).listen(new ListenAddress("127.0.0.1", 0)));
  }

  private GatewayFacts facts() {
    var frontDoor = new ListenAddress("127.0.0.1", frontDoor());
    return new GatewayFacts(
        "7.5.3",
        List.of(nextcloud()),
        new GatewayFacts.Listeners(
            frontDoor,
            Map.of("the host's own setting", frontDoor),
            httpsCertificate,
            TrustedProxies.none(),
            /* earlyHints= */ false),
        /* tunnelTls= */ false,
        new GatewayFacts.Settings(
            List.of(),
            List.of(),
            () -> Stream.of(Finding.ok("as the host wants them").about("settings"))));
  }

  private static GatewayView.Served served(
      Instance instance, Engines engines, ExAppRuntimes runtimes) {
    return new GatewayView.Served(nextcloud(), instance, engines, runtimes, exApp -> Way.DIRECT);
  }

  private static GatewayFacts.Nextcloud nextcloud() {
    return new GatewayFacts.Nextcloud(
        InstanceName.FIRST,
        "http://127.0.0.1:9",
        "",
        SharedKey.of(KEY),
        Map.of(),
        MountRules.none(),
        Path.of("tunnel-ports"));
  }

  /** Shows the page at the public name; where it is. */
  public int open(OwnPages pages) {
    Wait.resultOf(new PublicPage(vertx, view, pages).open());
    return Integer.parseInt(Wait.resultOf(pages.server()).toString().replaceFirst(".*:", ""));
  }

  /** Keeps the event loops of requests busy until then. */
  public void occupy(CompletableFuture<?> until) {
    ((VertxInternal) vertx).nettyEventLoopGroup().forEach(loop -> loop.execute(until::join));
  }

  /** The port for requests. */
  public int frontDoor() {
    return proxy.addresses().get(0).getPort();
  }

  /** The port of the admin end-point. */
  public int adminPort() {
    return admin;
  }

  /** Asks the front door. */
  public HttpResponse<String> request(String path) throws Exception {
    return ask("GET", frontDoor(), path, "harp-shared-key", KEY);
  }

  /**
   * Asks the admin end-point.
   *
   * @param headers names and values in turn
   */
  public HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
    return ask(method, admin, path, headers);
  }

  /** What the admin end-point shows to whoever has the key. */
  public String show(String path) throws Exception {
    return ask("GET", path, "harp-shared-key", KEY).body();
  }

  /**
   * Posts to the admin end-point.
   *
   * @param headers names and values in turn
   */
  public HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The first lines of the stream of events, up to the first status. */
  public List<String> events(String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/events"))
            .headers(headers)
            .build();
    var lines = new ArrayList<String>();
    try (var stream = client.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      for (var all = stream.iterator(); all.hasNext(); ) {
        var line = all.next();
        lines.add(line);
        if (line.startsWith("data: {\"version\"")) {
          break;
        }
      }
    }
    return lines;
  }

  public HttpResponse<String> ask(String method, int port, String path, String... headers)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    Wait.resultOf(proxy.stop(Duration.ZERO));
    Wait.resultOf(vertx.close());
  }
}
