// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.util.stream.Stream;

/** No proxy at all: what the backend and the load generator can do at best. */
final class DirectPeer implements Peer {
  private final Backend backend;

  DirectPeer(Backend backend) {
    this.backend = backend;
  }

  @Override
  public Target target(App app, Protocol protocol) {
    return Target.http(backend.port(app), app);
  }

  @Override
  public Stream<Long> pids() {
    return Stream.empty();
  }

  @Override
  public void close() {}
}
