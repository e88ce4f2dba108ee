// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.scenario;

import static io.github.harp.bench.backend.App.LIVE;
import static io.github.harp.bench.backend.App.PLAIN;
import static io.github.harp.bench.backend.App.ROUTED;
import static io.github.harp.bench.backend.App.TUNNELLED;
import static io.github.harp.bench.backend.App.TUNNELLED_LIVE;
import static io.github.harp.bench.backend.Backend.SMALL;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.load.BulkTransfer;
import io.github.harp.bench.load.HalfLoad;
import io.github.harp.bench.load.IdleConnections;
import io.github.harp.bench.load.Load;
import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.ServerSentEvents;
import io.github.harp.bench.load.SmallBesideBulk;
import io.github.harp.bench.load.TlsHandshakes;
import io.github.harp.bench.load.WebSocketEcho;
import io.github.harp.bench.load.WrkRun;
import io.github.harp.bench.peers.HarpVariant;
import io.github.harp.bench.peers.Lab;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Every scenario there is, in the order in which they run. */
public final class Scenarios {
  private static final int CONNECTIONS = 64;
  private static final String[] NONE = {};
  private static final int MEBIBYTE = 1 << 20;

  private final Lab lab;
  private final Map<String, HarpVariant> variants;
  private final String[] harps;
  private final String[] harpsWithTunnel;
  private final List<Scenario> all = new ArrayList<>();

  private Scenarios(Lab lab, Map<String, HarpVariant> variants) {
    this.lab = lab;
    this.variants = variants;
    this.harps = variants.keySet().toArray(String[]::new);
    this.harpsWithTunnel =
        variants.keySet().stream().map(name -> name + Lab.WITH_TUNNEL).toArray(String[]::new);
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
        .sides(small, PLAIN, "direct");
    add(
            "session",
            "100 bytes, cached session, 200 route patterns, the last one matches",
            Metric.REQUESTS)
        .goal("≥ 0.95 × the same HaRP on a public route")
        .sides(small, PLAIN, harps)
        .sides(small, ROUTED, harps);
    var http10 = WrkRun.http10(lab.tools().wrk(), CONNECTIONS, SMALL);
    add("http10", "100 bytes, HTTP/1.0, one connection for each request", Metric.REQUESTS)
        .sides(http10, PLAIN, "haproxy", "nginx")
        .sides(http10, PLAIN, harps);
    add("tls", "100 bytes over TLS, keep-alive", Metric.REQUESTS)
        .tlsSides(small, "haproxy", "nginx")
        .tlsSides(small, harps);
    var handshakes = new TlsHandshakes(lab.tools().openssl(), 8, SMALL);
    add("tls-handshake", "a new TLS session for each request", Metric.HANDSHAKES)
        .tlsSides(handshakes, "haproxy", "nginx")
        .tlsSides(handshakes, harps);
    var halfLoad = new HalfLoad(small, SMALL);
    add("half-load", "100 bytes at a steady rate of half of HAProxy's most", Metric.P99)
        .goal("≤ HAProxy's")
        .sides(halfLoad, PLAIN, "haproxy", "nginx")
        .sides(halfLoad, PLAIN, harps);
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
          .idle(IdleConnections.keepAlive(count), PLAIN, "haproxy", "nginx")
          .idle(IdleConnections.keepAlive(count), PLAIN, harps);
      add("idle-websocket-" + count, count + " idle WebSockets", Metric.KIB_PER_CONNECTION)
          .goal("≤ 12 KiB")
          .idle(IdleConnections.webSockets(count), LIVE, "haproxy", "nginx")
          .idle(IdleConnections.webSockets(count), LIVE, harps);
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
          .idle(IdleConnections.keepAlive(count), TUNNELLED, "frps", "tunnel-server");
    }
  }

  private void coldStart() {
    var builder =
        add("cold-start", "exec to first served request", Metric.FIRST_ANSWER)
            .goal("≤ 500 ms with an archive on JDK 25, ≤ 800 ms on JDK 17");
    variants.forEach(
        (name, variant) -> {
          builder.side(name, name + ", no archive", new ColdStartTrial(lab, variant, false));
          builder.side(name, name + ", archive", new ColdStartTrial(lab, variant, true));
        });
  }

  private Builder add(String name, String title, Metric primary) {
    all.add(new Scenario(name, title, primary, "", List.of()));
    return new Builder();
  }

  /** Works on the scenario that was added last. */
  private final class Builder {
    Builder goal(String goal) {
      var last = all.remove(all.size() - 1);
      all.add(new Scenario(last.name(), last.title(), last.primary(), goal, last.sides()));
      return this;
    }

    Builder sides(Load load, App app, String... systems) {
      for (var system : systems) {
        side(system, label(system, app), new LoadTrial(lab, system, app, false, load));
      }
      return this;
    }

    Builder tlsSides(Load load, String... systems) {
      for (var system : systems) {
        side(system, system, new LoadTrial(lab, system, PLAIN, true, load));
      }
      return this;
    }

    Builder idle(IdleConnections load, App app, String... systems) {
      for (var system : systems) {
        side(system, system, new IdleTrial(lab, system, app, load));
      }
      return this;
    }

    Builder side(String system, String label, Trial trial) {
      var last = all.remove(all.size() - 1);
      var sides = Stream.concat(last.sides().stream(), Stream.of(new Side(system, label, trial)));
      all.add(new Scenario(last.name(), last.title(), last.primary(), last.goal(), sides.toList()));
      return this;
    }

    private String label(String system, App app) {
      return app == ROUTED ? system + ", session" : system;
    }
  }
}
