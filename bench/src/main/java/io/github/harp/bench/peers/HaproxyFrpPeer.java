// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.stream.Stream;

/** The original's data path without its decisions: HAProxy, frps, frpc. */
final class HaproxyFrpPeer implements Peer {
  private final FrpsPeer frps;
  private final HaproxyPeer haproxy;

  HaproxyFrpPeer(Place place) {
    frps = new FrpsPeer(place);
    haproxy = new HaproxyPeer(place, Place.TUNNELLED, frps::port);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return haproxy.target(app, protocol);
  }

  @Override
  public Stream<Long> pids() {
    return Stream.of(haproxy.pids(), frps.pids(), frps.clientPids()).flatMap(pids -> pids);
  }

  @Override
  public void close() {
    haproxy.close();
    frps.close();
  }
}
