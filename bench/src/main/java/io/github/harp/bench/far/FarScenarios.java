// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import static io.github.harp.bench.far.FarSystems.Dialled.FRPS;
import static io.github.harp.bench.far.FarSystems.Dialled.FRPS_QUIC;
import static io.github.harp.bench.far.FarSystems.Dialled.HARP;
import static io.github.harp.bench.far.FarSystems.Dialled.HARP_QUIC;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.scenario.Scenario;
import io.github.harp.bench.scenario.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The scenarios between hosts that are far from each other: {@code wan-*}. They need root. */
public final class FarScenarios {
  /** What the names of all of them begin with. */
  public static final String PREFIX = "wan-";

  private static final List<String> ROUTERS =
      List.of("full-cone", "address-restricted", "port-restricted", "symmetric");
  private static final String BLOCKED = "udp-blocked";

  private final Lab lab;
  private final HarpVariant harp;
  private final FarSettings settings;
  private final List<Scenario> all = new ArrayList<>();

  private FarScenarios(Lab lab, HarpVariant harp, FarSettings settings) {
    this.lab = lab;
    this.harp = harp;
    this.settings = settings;
  }

  /** All of them, with one HaRP. */
  public static List<Scenario> of(Lab lab, HarpVariant harp, FarSettings settings) {
    var scenarios = new FarScenarios(lab, harp, settings);
    scenarios.php();
    scenarios.tunnels();
    scenarios.straight();
    scenarios.small();
    scenarios.punching();
    return List.copyOf(scenarios.all);
  }

  private void php() {
    var place = place("--line", "server=rate=100m");
    var load = FarTrial.upload(settings.bytes());
    all.add(
        new Scenario(
            PREFIX + "php",
            "a file from the user to the worker, the server on a line of 100 Mbit/s",
            Metric.DURATION,
            "straight ≤ 1/3 of PHP's time, server CPU ≤ 1 % of PHP's, egress ≤ 0.1 %",
            List.of(
                new Side("php", "nginx, php-fpm", new FarTrial(place, FarSystems::php, load)),
                new Side("harp", "harp, frpc", new FarTrial(place, FarSystems::through, load)),
                new Side(
                    "straight",
                    "straight, harp tunnel at both ends",
                    new FarTrial(place, systems -> systems.straight(HARP, true, false), load)))));
  }

  private void tunnels() {
    for (var up : new boolean[] {false, true}) {
      for (var lossy : new boolean[] {false, true}) {
        var name = PREFIX + (up ? "upload" : "download") + (lossy ? "-lossy" : "");
        var title =
            "one %s over a tunnel, %s %% loss"
                .formatted(up ? "upload" : "download", lossy ? "0.1" : "0");
        // What TCP does over such a line takes long enough.
        var bytes = lossy ? settings.bytes() / 8 : settings.bytes();
        var load = up ? FarTrial.upload(bytes) : FarTrial.download(bytes);
        var place = place("--line", "worker=loss=" + (lossy ? "0.1" : "0"));
        var goal = "≥ 1.2 × frps with the same frpc, QUIC ≥ 1.5 × harp by TCP where there is loss";
        all.add(new Scenario(name, title, Metric.LINE_RATE, goal, tunnels(place, load)));
      }
    }
  }

  private void small() {
    // Longer than any run, so that one download lasts all the time.
    var load = FarTrial.smallBeside(16L << 30);
    all.add(
        new Scenario(
            PREFIX + "small",
            "a small request beside a download over the same tunnel",
            Metric.FAR_P99,
            "≤ round trip + 20 ms, ≤ 0.7 × frps",
            tunnels(place(), load)));
  }

  private static List<Side> tunnels(FarPlace place, FarTrial.Load load) {
    return List.of(
        tunnel("frps", "frps, frpc", place, s -> s.frpsTunnel(FRPS), load),
        tunnel("harp", "harp, frpc", place, s -> s.harpTunnel(HARP, false), load),
        tunnel("harp", "harp, harp tunnel", place, s -> s.harpTunnel(HARP, true), load),
        tunnel("frps", "frps, frpc, QUIC", place, s -> s.frpsTunnel(FRPS_QUIC), load),
        tunnel("harp", "harp, frpc, QUIC", place, s -> s.harpTunnel(HARP_QUIC, false), load),
        tunnel("harp", "harp, harp tunnel, QUIC", place, s -> s.harpTunnel(HARP_QUIC, true), load));
  }

  private static Side tunnel(
      String system,
      String label,
      FarPlace place,
      Function<FarSystems, Way> way,
      FarTrial.Load load) {
    return new Side(system, label, new FarTrial(place, way, load));
  }

  private void straight() {
    var place = place();
    var load = FarTrial.download(settings.bytes());
    all.add(
        new Scenario(
            PREFIX + "straight",
            "one download from peer to peer by QUIC",
            Metric.LINE_RATE,
            "≥ 0.9 × frpc, CPU of both peers ≤ theirs",
            List.of(
                tunnel("frps", "frpc, frpc", place, s -> s.straight(FRPS, false, true), load),
                tunnel("harp", "harp, harp", place, s -> s.straight(HARP, true, true), load))));
  }

  private void punching() {
    var place = place("--nat", "user=full-cone", "--nat", "worker=full-cone");
    var sides = new ArrayList<Side>();
    for (var user : ROUTERS) {
      for (var worker : ROUTERS) {
        punching(sides, place, user, worker);
      }
    }
    punching(sides, place, BLOCKED, ROUTERS.get(0));
    punching(sides, place, ROUTERS.get(0), BLOCKED);
    all.add(
        new Scenario(
            PREFIX + "punch",
            "a visitor's first request, by the kinds of both routers",
            Metric.FIRST_BYTE,
            "straight wherever frpc is, first byte ≤ theirs",
            sides));
  }

  private static void punching(List<Side> sides, FarPlace place, String user, String worker) {
    var label = user + " → " + worker;
    sides.add(new Side("frps", label, new PunchTrial(place, false, user, worker)));
    sides.add(new Side("harp", label, new PunchTrial(place, true, user, worker)));
  }

  private FarPlace place(String... options) {
    return new FarPlace(lab, harp, settings, options);
  }
}
