// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import static io.github.harp.bench.backend.App.CROWD;
import static io.github.harp.bench.backend.App.LIVE;
import static io.github.harp.bench.backend.App.PLAIN;
import static io.github.harp.bench.backend.App.ROUTED;
import static io.github.harp.bench.backend.App.TUNNELLED;
import static io.github.harp.bench.backend.App.TUNNELLED_LIVE;
import static io.github.harp.bench.backend.Backend.SMALL;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.BulkTransfer;
import io.github.harp.bench.load.IdleConnections;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.ServerSentEvents;
import io.github.harp.bench.load.TlsHandshakes;
import io.github.harp.bench.load.WebSocketEcho;
import io.github.harp.bench.load.requests.H2loadRun;
import io.github.harp.bench.load.requests.LowRate;
import io.github.harp.bench.load.requests.PartOfPeak;
import io.github.harp.bench.load.requests.SmallBesideBulk;
import io.github.harp.bench.load.requests.WrkRun;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.target.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Every scenario there is, in the order in which they run. */
public final class Scenarios {
  private static final int CONNECTIONS = 64;
  private static final String[] NONE = {};
  private static final int MEBIBYTE = 1 << 20;
  private static final int MANY = 50_000;

  /** Connections of HTTP/2, and requests at a time on each. */
  private static final int HTTP2_CONNECTIONS = 8;

  private static final int HTTP2_STREAMS = 32;
  private static final Duration IDLE = Duration.ofSeconds(2);
  private static final Duration FIRST_SECONDS = Duration.ofSeconds(10);

  private final Lab lab;
  private final Map<String, HarpVariant> variants;
  private final String[] harps;
  private final String[] harpsWithTunnel;
  private final String[] original;
  private final List<Scenario> all = new ArrayList<>();

  private Scenarios(Lab lab, Map<String, HarpVariant> variants) {
    this.lab = lab;
    this.variants = variants;
    this.harps = variants.keySet().toArray(String[]::new);
    this.harpsWithTunnel = named(Lab.WITH_TUNNEL);
    this.original = lab.knows(Lab.ORIGINAL) ? new String[] {Lab.ORIGINAL} : NONE;
  }

  /**
   * For the systems of a lab.
   *
   * @param variants the ways to start HaRP that take part, by name
   */
  public static List<Scenario> of(Lab lab, Map<String, HarpVariant> variants) {
    var scenarios = new Scenarios(lab, variants);
    scenarios.requests();
    scenarios.bodies();
    scenarios.streams();
    scenarios.idle();
    scenarios.crowd();
    scenarios.tunnelServer();
    scenarios.coldStart();
    return List.copyOf(scenarios.all);
  }

  private void requests() {
    var small = WrkRun.keepAlive(lab.tools().wrk(), CONNECTIONS, SMALL);
    add("small", "100 bytes, public route, keep-alive", Metric.REQUESTS)
        .goal("≥ 1.0 × HAProxy on epoll, ≥ 1.25 × on io_uring")
        .sides(small, PLAIN, "haproxy", "nginx")
        .sides(small, PLAIN, harps)
        .sides(small, PLAIN, lab.knows(Lab.ON_IO_URING) ? new String[] {Lab.ON_IO_URING} : NONE)
        .sides(small, PLAIN, original)
        .sides(small, PLAIN, "direct");
    add(
            "session",
            "100 bytes, cached session, 200 route patterns, the last one matches",
            Metric.REQUESTS)
        .goal("≥ 0.95 × the same HaRP on a public route")
        .sides(small, PLAIN, harps)
        .sides(small, ROUTED, harps)
        .sides(small, ROUTED, original);
    var http10 = WrkRun.http10(lab.tools().wrk(), CONNECTIONS, SMALL);
    add("http10", "100 bytes, HTTP/1.0, one connection for each request", Metric.REQUESTS)
        .sides(http10, PLAIN, "haproxy", "nginx")
        .sides(http10, PLAIN, harps);
    add("tls", "100 bytes over TLS, keep-alive", Metric.REQUESTS)
        .sides(small, Protocol.HTTPS, "haproxy", "nginx")
        .sides(small, Protocol.HTTPS, harps);
    var handshakes = new TlsHandshakes(lab.tools().openssl(), 8, SMALL);
    add("tls-handshake", "a new TLS session for each request", Metric.HANDSHAKES)
        .sides(handshakes, Protocol.HTTPS, "haproxy", "nginx")
        .sides(handshakes, Protocol.HTTPS, harps);
    var http2 = new H2loadRun(lab.tools().h2load(), HTTP2_CONNECTIONS, HTTP2_STREAMS, SMALL);
    add("http2", "100 bytes, HTTP/2, 8 connections with 32 streams each", Metric.REQUESTS)
        .goal("≥ 1.0 × the better of HAProxy and nginx")
        .sides(http2, Protocol.HTTP2, "haproxy", "nginx")
        .sides(http2, Protocol.HTTP2, harps);
    add("http2-tls", "the same over TLS", Metric.REQUESTS)
        .goal("≥ 1.0 × the better of HAProxy and nginx")
        .sides(http2, Protocol.HTTP2_TLS, "haproxy", "nginx")
        .sides(http2, Protocol.HTTP2_TLS, harps);
    var halfLoad = new PartOfPeak(small, SMALL, 0.5);
    add("half-load", "100 bytes at a steady rate of half of HAProxy's most", Metric.P99)
        .goal("≤ 1.5 × HAProxy's as packaged, ≤ 3 × plain; p99.9 ≤ 3 ×")
        .sides(halfLoad, PLAIN, "haproxy", "nginx")
        .sides(halfLoad, PLAIN, harps)
        .sides(halfLoad, PLAIN, original);
    var quarterLoad = new PartOfPeak(small, SMALL, 0.25);
    add("warm-up", "first 10 s after the start, a quarter of HAProxy's most", Metric.WORST)
        .goal("≤ 50 ms, p99 ≤ 10 ms as packaged")
        .fresh(quarterLoad, FIRST_SECONDS, PLAIN, "haproxy", "nginx")
        .fresh(quarterLoad, FIRST_SECONDS, PLAIN, harps);
    add("tunnel-small", "100 bytes over a tunnel with a real frpc", Metric.REQUESTS)
        .goal("≥ 1.5 × HAProxy → frps → frpc")
        .sides(small, TUNNELLED, "haproxy-frp")
        .sides(small, TUNNELLED, harpsWithTunnel);
  }

  private void bodies() {
    body("down-1m", "answers of 1 MiB, 16 connections", false, BulkTransfer.down(16, "1m"));
    body("down-100m", "answers of 100 MiB, 4 connections", false, BulkTransfer.down(4, "100m"));
    body("up-1m", "requests of 1 MiB, 16 connections", true, BulkTransfer.up(16, MEBIBYTE));
    body(
        "up-100m", "requests of 100 MiB, 4 connections", true, BulkTransfer.up(4, 100L * MEBIBYTE));
  }

  private void body(String name, String title, boolean up, Load load) {
    add(name, title, Metric.THROUGHPUT)
        .goal("≥ 1.0 × HAProxy")
        .sides(load, up ? LIVE : PLAIN, "haproxy", "nginx")
        .sides(load, up ? LIVE : PLAIN, harps);
    add("tunnel-" + name, title + ", over a tunnel", Metric.THROUGHPUT)
        .goal("≥ 1.0 × HAProxy → frps → frpc")
        .sides(load, up ? TUNNELLED_LIVE : TUNNELLED, "haproxy-frp")
        .sides(load, up ? TUNNELLED_LIVE : TUNNELLED, harpsWithTunnel);
  }

  private void streams() {
    var events = new ServerSentEvents(20);
    add("sse", "20 event streams, an event every 20 ms each", Metric.EVENT_DELAY)
        .goal("≤ 5 ms more than direct")
        .sides(events, LIVE, "direct", "haproxy", "nginx")
        .sides(events, LIVE, harps)
        .sides(events, TUNNELLED_LIVE, "haproxy-frp")
        .sides(events, TUNNELLED_LIVE, harpsWithTunnel);
    var roundTrip = WebSocketEcho.roundTrip();
    add("websocket-rtt", "WebSocket echo, one message of 64 bytes at a time", Metric.P50)
        .sides(roundTrip, LIVE, "haproxy", "nginx")
        .sides(roundTrip, LIVE, harps)
        .sides(roundTrip, LIVE, "direct");
    var rate = WebSocketEcho.rate(16, 16);
    add("websocket-rate", "WebSocket echo, 16 connections, 16 messages on the way", Metric.MESSAGES)
        .sides(rate, LIVE, "haproxy", "nginx")
        .sides(rate, LIVE, harps)
        .sides(rate, LIVE, "direct");
  }

  private void idle() {
    for (int count : new int[] {500, 5000}) {
      add("idle-" + count, count + " idle keep-alive connections", Metric.KIB_PER_CONNECTION)
          .goal("≤ 12 KiB")
          .fresh(IdleConnections.keepAlive(count), IDLE, PLAIN, "haproxy", "nginx")
          .fresh(IdleConnections.keepAlive(count), IDLE, PLAIN, harps);
      add("idle-websocket-" + count, count + " idle WebSockets", Metric.KIB_PER_CONNECTION)
          .goal("≤ 12 KiB")
          .fresh(IdleConnections.webSockets(count), IDLE, LIVE, "haproxy", "nginx")
          .fresh(IdleConnections.webSockets(count), IDLE, LIVE, harps);
    }
    var small = roomy();
    add("idle-50000", "50,000 idle keep-alive connections", Metric.KIB_PER_CONNECTION)
        .goal("≤ 4 KiB as packaged, with the memory of a container of 1 GB")
        .fresh(IdleConnections.keepAliveUpTo(MANY), IDLE, PLAIN, "haproxy", "nginx")
        .fresh(IdleConnections.keepAliveUpTo(MANY), IDLE, PLAIN, small);
    add("idle-websocket-50000", "50,000 idle WebSockets", Metric.KIB_PER_CONNECTION)
        .goal("≤ 5 KiB as packaged, with the memory of a container of 1 GB")
        .fresh(IdleConnections.webSocketsUpTo(MANY), IDLE, LIVE, "haproxy", "nginx")
        .fresh(IdleConnections.webSocketsUpTo(MANY), IDLE, LIVE, small);
  }

  /** Each HaRP as in a container of 1 GB, with leave for as many connections. */
  private String[] roomy() {
    variants.forEach(
        (name, variant) ->
            lab.add(
                name + Lab.ROOMY,
                variant
                    .with("-XX:MaxRAM=1g")
                    .in("HP_LIMIT_CONNECTIONS", String.valueOf(MANY + MANY / 10))));
    return named(Lab.ROOMY);
  }

  private void crowd() {
    var crowds = named(Lab.WITH_CROWD);
    var one = WrkRun.keepAlive(lab.tools().wrk(), CONNECTIONS, SMALL);
    var all = WrkRun.crowd(lab.tools().wrk(), CONNECTIONS, SMALL);
    add("exapps-1000", "1,000 ExApps, each behind its tunnel, 10 routes each", Metric.REQUESTS)
        .goal("≥ 0.9 × with one")
        .sides(one, CROWD, system -> system + ", one of them", crowds)
        .sides(all, CROWD, system -> system + ", all of them", crowds);
    var memory = add("exapps-1000-memory", "1,000 idle tunnels", Metric.KIB_PER_CONNECTION);
    memory.goal("≤ 40 KiB");
    var restart = add("exapps-1000-restart", "a restart with 1,000 tunnels", Metric.ALL_BACK);
    restart.goal("≤ 5 s, others' p99 meanwhile ≤ 50 ms");
    for (var harp : harps) {
      memory.side(harp, harp, new CrowdMemoryTrial(lab, harp));
      restart.side(harp, harp, new CrowdRestartTrial(lab, harp, new LowRate(SMALL)));
    }
  }

  /**
   * frps and our tunnel server alone: the same frpc, and each remote port is a TCP port on
   * loopback.
   */
  private void tunnelServer() {
    var small = WrkRun.keepAlive(lab.tools().wrk(), CONNECTIONS, SMALL);
    add("frps-small", "tunnel server alone, 100 bytes", Metric.REQUESTS)
        .goal("≥ frps")
        .sides(small, TUNNELLED, "frps", "tunnel-server");
    add("frps-down", "tunnel server alone, answers of 100 MiB", Metric.THROUGHPUT)
        .goal("≥ frps")
        .sides(BulkTransfer.down(4, "100m"), TUNNELLED, "frps", "tunnel-server");
    add("frps-up", "tunnel server alone, requests of 100 MiB", Metric.THROUGHPUT)
        .goal("≥ frps")
        .sides(BulkTransfer.up(4, 100L * MEBIBYTE), TUNNELLED_LIVE, "frps", "tunnel-server");
    add("frps-mixed", "tunnel server alone, small requests while a large answer passes", Metric.P99)
        .goal("≤ frps")
        .sides(new SmallBesideBulk(), TUNNELLED, "frps", "tunnel-server");
    for (int count : new int[] {1000, 10_000}) {
      add(
              "frps-idle-" + count,
              "tunnel server alone, " + count + " idle streams",
              Metric.KIB_PER_CONNECTION)
          .goal("≤ frps")
          .fresh(IdleConnections.keepAlive(count), IDLE, TUNNELLED, "frps", "tunnel-server");
    }
  }

  private void coldStart() {
    var builder =
        add("cold-start", "exec to first served request", Metric.FIRST_ANSWER)
            .goal("≤ 500 ms with an archive on JDK 25, ≤ 800 ms on JDK 17");
    variants.forEach(
        (name, variant) -> {
          if (variant.script().isPresent()) {
            builder.side(name, name, new ColdStartTrial(lab, variant, false));
          } else {
            builder.side(name, name + ", no archive", new ColdStartTrial(lab, variant, false));
            builder.side(name, name + ", archive", new ColdStartTrial(lab, variant, true));
          }
        });
  }

  private String[] named(String ending) {
    return Stream.of(harps).map(name -> name + ending).toArray(String[]::new);
  }

  private Builder add(String name, String title, Metric primary) {
    all.add(new Scenario(name, title, primary, "", List.of()));
    return new Builder(all.size() - 1);
  }

  /** Completes a scenario that was added. */
  private final class Builder {
    private final int index;

    Builder(int index) {
      this.index = index;
    }

    Builder goal(String goal) {
      var scenario = all.get(index);
      all.set(
          index,
          new Scenario(
              scenario.name(), scenario.title(), scenario.primary(), goal, scenario.sides()));
      return this;
    }

    Builder sides(Load load, App app, String... systems) {
      return sides(load, app, system -> app == ROUTED ? system + ", session" : system, systems);
    }

    Builder sides(Load load, App app, UnaryOperator<String> label, String... systems) {
      for (var system : systems) {
        var trial = new LoadTrial(lab, system, app, Protocol.HTTP, load);
        side(system, label.apply(system), trial);
      }
      return this;
    }

    Builder sides(Load load, Protocol protocol, String... systems) {
      for (var system : systems) {
        side(system, system, new LoadTrial(lab, system, PLAIN, protocol, load));
      }
      return this;
    }

    /** On systems that were just started, for a time of its own. */
    Builder fresh(Load load, Duration duration, App app, String... systems) {
      for (var system : systems) {
        side(system, system, new FreshTrial(lab, system, app, load, duration));
      }
      return this;
    }

    Builder side(String system, String label, Trial trial) {
      var scenario = all.get(index);
      var sides =
          Stream.concat(scenario.sides().stream(), Stream.of(new Side(system, label, trial)));
      all.set(
          index,
          new Scenario(
              scenario.name(),
              scenario.title(),
              scenario.primary(),
              scenario.goal(),
              sides.toList()));
      return this;
    }
  }
}
