// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.harp;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.OwnJvm;
import io.github.harp.bench.process.ResidentMemory;
import io.github.harp.bench.target.FirstAnswer;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * HaRP with a thousand ExApps, each behind a tunnel of its own; their clients' cost is left out.
 */
public final class CrowdedPeer implements Peer {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final HarpPeer harp;
  private final Daemon crowd;
  private final long residentBefore;
  private int timesIn = 1;

  private CrowdedPeer(Place place, HarpPeer harp) {
    this.harp = harp;
    harp.awaitService(App.PLAIN);
    residentBefore = ResidentMemory.kib(harp.pids());
    var command =
        OwnJvm.command(
            CrowdProcess.class,
            List.of("-XX:+UseSerialGC", "-Xmx1g", "-Xss256k"),
            String.valueOf(harp.frpPort()),
            harp.frpCertificates().toString(),
            String.valueOf(place.backend().port(App.CROWD)));
    crowd = Daemon.start("crowd-" + harp.frpPort(), place.folder(), command, Map.of());
    awaitAll();
    awaitService(App.CROWD);
  }

  /** Starts HaRP, then the clients, and waits until all are logged in. */
  public static CrowdedPeer start(Place place, HarpVariant variant) {
    var harp = HarpPeer.start(place, variant);
    return new CrowdedPeer(place, harp);
  }

  /** What HaRP held when nobody had dialled in yet, in KiB. */
  public long residentBefore() {
    return residentBefore;
  }

  /** Ends HaRP and starts it again; complete when it serves ExApps that need no tunnel. */
  public void restart() {
    harp.restart();
    timesIn++;
    FirstAnswer.await(harp.target(App.PLAIN, Protocol.HTTP), Backend.SMALL, Duration.ofSeconds(20));
  }

  /** Waits until all are logged in after the start or the last restart. */
  public void awaitAll() {
    crowd.awaitLog(CrowdProcess.ALL_IN, timesIn, LIMIT);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return harp.target(app, protocol);
  }

  @Override
  public Stream<Long> pids() {
    return harp.pids();
  }

  @Override
  public void close() {
    crowd.close();
    harp.close();
  }
}
