// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.HarpException;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.Place;
import io.github.harp.core.runtime.orders.OrderRecord;
import io.github.harp.operations.metrics.EngineMetrics;
import io.github.harp.operations.metrics.GatewayMetrics;
import io.github.harp.operations.metrics.RequestMetrics;
import io.github.harp.operations.metrics.TunnelMetrics;
import io.github.harp.proxy.RequestRecord.Failure;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelStatus;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Prometheus sees, and that {@code docs/operations.md} names all of it and nothing else. */
class MetricsDocumentTest {

  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (harp_\\w+) (\\w+)$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"");

  /** But for those of several nodes, which the launcher has. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(harp_(?!cluster)\\w+)` \\| (\\w+) \\| ([^|]*?) ?\\| \\S.* \\|$");

  /** What the format itself adds. */
  private static final Set<String> OF_PROMETHEUS = Set.of("le", "quantile");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private long now;
  private int asked;

  @Test
  void theDocumentNamesEveryMetricItsTypeAndItsLabels() throws IOException {
    observeEverything();

    assertThat(documented()).isEqualTo(scraped());
  }

  @Test
  void whatOnlyGrowsIsACounter() throws IOException {
    observeEverything();

    assertThat(registry.scrape())
        .contains("harp_tunnel_logins_total 5.0")
        .contains("harp_tunnel_streams_opened_total 70.0")
        .contains("harp_tunnel_received_bytes_total 1000.0")
        .contains("harp_tunnel_sent_bytes_total 2000.0")
        .contains("harp_tunnel_refused_total 1.0")
        .contains("harp_cache_lookups_total{cache=\"exapps\",result=\"hit\"} 9.0")
        .contains("harp_cache_lookups_total{cache=\"exapps\",result=\"miss\"} 2.0");
  }

  @Test
  void engineCallsAreCountedAndTimedByEngineAndOutcome() {
    observeEverything();

    assertThat(registry.scrape())
        .contains(
            "harp_engine_calls_seconds_count{call=\"CREATE\",engine=\"24000\",outcome=\"DONE\"} 1")
        .contains(
            "harp_engine_calls_seconds_count{call=\"FIND\",engine=\"24001\",outcome=\"TIMED_OUT\"}"
                + " 1")
        .contains(
            "harp_engine_calls_seconds_sum{call=\"CREATE\",engine=\"24000\",outcome=\"DONE\"} 3.0")
        .contains(
            "harp_engine_calls_seconds_count{call=\"EXPOSE\",engine=\"cluster\",outcome=\"REFUSED\"}"
                + " 1");
  }

  @Test
  void openWebSocketsAreAGauge() {
    observeEverything();

    assertThat(registry.scrape()).contains("harp_websockets 3.0");
  }

  @Test
  void whatTunnelsCarryIsAskedForOnceInAScrape() {
    observeEverything();

    registry.scrape();
    assertThat(asked).isEqualTo(1);

    now += Duration.ofSeconds(15).toNanos();
    registry.scrape();
    assertThat(asked).isEqualTo(2);
  }

  private TunnelStatus tunnels() {
    asked++;
    return new TunnelStatus(
        List.of(),
        0,
        0,
        new TunnelStatus.Totals(5, 70, 1_000, 2_000),
        Optional.empty(),
        TunnelStatus.Introductions.NONE);
  }

  private void observeEverything() {
    var request = FinishedRequests.toApp("app", AccessLevel.USER);
    var failure = new Failure(Failure.Kind.CONNECT_FAILED, "connection refused");
    new RequestMetrics(registry, false).finished(FinishedRequests.of(request, 503, failure));
    var engines = new EngineMetrics(registry, Optional.empty(), Tracing.NONE);
    engines.finished(
        new OrderRecord(
            Place.engine(new EngineNumber(24000)),
            OrderRecord.Kind.CREATE,
            Optional.empty(),
            Duration.ofSeconds(3)));
    engines.finished(
        new OrderRecord(
            Place.engine(new EngineNumber(24001)),
            OrderRecord.Kind.FIND,
            Optional.of(HarpException.Code.TIMED_OUT),
            Duration.ofSeconds(15)));
    engines.finished(
        new OrderRecord(
            Place.CLUSTER,
            OrderRecord.Kind.EXPOSE,
            Optional.of(HarpException.Code.REFUSED),
            Duration.ofSeconds(1)));
    new TunnelMetrics(registry, () -> now)
        .watch(this::tunnels)
        .refused(
            new InetSocketAddress("192.0.2.9", 4711), RefusalCode.NO_TLS, "TLS is required here");
    new GatewayMetrics(registry)
        .connections(() -> 7)
        .webSockets(() -> 3)
        .held(() -> 1024, () -> 2)
        .exApps(() -> 1)
        .engines(() -> 1)
        .cache("exapps", () -> CacheStats.of(9, 2, 0, 0, 0, 0, 0))
        .bans(List.of(new BanList("users", 3, Duration.ofMinutes(5), Ticker.systemTicker())));
    measureALoop();
  }

  private void measureALoop() {
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (var watch =
        new EventLoopWatch(loops, registry, Duration.ofMinutes(1), () -> {}, () -> {})) {
      assertThat(watch).isNotNull();
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  /** Name to type and labels, as the document's table has them. */
  private static Map<String, String> documented() throws IOException {
    var root = Path.of(System.getProperty("harp.root", ".."));
    var rows = ROW.matcher(Files.readString(root.resolve("docs/operations.md")));
    var all = new TreeMap<String, String>();
    while (rows.find()) {
      all.put(rows.group(1), rows.group(2) + " " + rows.group(3).replaceAll("[`,]", ""));
    }
    return all;
  }

  private Map<String, String> scraped() {
    var text = registry.scrape();
    var all = new TreeMap<String, String>();
    var types = TYPE.matcher(text);
    while (types.find()) {
      var labels = new TreeSet<String>();
      text.lines()
          .filter(line -> line.matches(types.group(1) + "(_\\w+)?(\\{.*| .*)"))
          .forEach(
              line -> LABEL.matcher(line).results().forEach(found -> labels.add(found.group(1))));
      labels.removeAll(OF_PROMETHEUS);
      all.put(types.group(1), types.group(2) + " " + String.join(" ", labels));
    }
    return all;
  }
}
