// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.load.Metric;
import io.github.harp.bench.load.Sample;
import io.github.harp.bench.scenario.Trial;
import java.time.Duration;
import java.util.Map;

/**
 * A visitor that has just logged in, between two routers: how long its first user waits for the
 * first byte, and whether a straight way is found within some seconds.
 */
final class PunchTrial implements Trial {
  private static final Duration SEARCH = Duration.ofSeconds(7);
  private static final int PROBE_BYTES = 300_000;

  private final FarPlace place;
  private final FarSystems.Dialled server;
  private final boolean ours;
  private final String user;
  private final String worker;

  /**
   * @param ours whether both peers are {@code harp tunnel} instead of frpc
   */
  PunchTrial(FarPlace place, boolean ours, String user, String worker) {
    this.place = place;
    this.server = ours ? FarSystems.Dialled.HARP : FarSystems.Dialled.FRPS;
    this.ours = ours;
    this.user = user;
    this.worker = worker;
  }

  /** The owner stays for all pairs. */
  @Override
  public void warmUp(Duration duration) {
    place.systems().ownerOnce(server, ours);
  }

  @Override
  public Sample run(Duration duration) {
    var lab = place.lab();
    lab.translate(Host.USER, user);
    lab.translate(Host.WORKER, worker);
    int port = ours ? 23_000 : 23_001;
    var url = "http://127.0.0.1:" + port;
    try (@SuppressWarnings("unused")
        var visitor = place.systems().visitor(server, ours, port, false)) {
      var first = lab.traffic(Host.USER, "get", url + "/small").getOrDefault("first", 0.0);
      var values = Map.of(Metric.FIRST_BYTE, first * 1000, Metric.STRAIGHT, straight(url));
      return new Sample(1, 0, values);
    }
  }

  private double straight(String url) {
    var end = System.nanoTime() + SEARCH.toNanos();
    do {
      long before = place.lab().sentBytes(Host.SERVER);
      place.lab().traffic(Host.USER, "get", url + "/bytes/" + PROBE_BYTES);
      if (place.lab().sentBytes(Host.SERVER) - before < PROBE_BYTES / 2) {
        return 1;
      }
    } while (System.nanoTime() < end);
    return 0;
  }
}
