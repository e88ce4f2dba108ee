// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import io.github.harp.core.Engines;
import io.github.harp.core.Upstream;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One engine under number 24000, while it is connected. */
public final class OneEngine implements Engines {

  private volatile @Nullable Upstream upstream;

  public OneEngine(@Nullable Upstream upstream) {
    this.upstream = upstream;
  }

  public void reconnect(@Nullable Upstream other) {
    upstream = other;
  }

  @Override
  public Optional<Upstream> find(int port) {
    return port == FIRST_PORT ? Optional.ofNullable(upstream) : Optional.empty();
  }

  @Override
  public SortedSet<Integer> ports() {
    var ports = new TreeSet<Integer>();
    if (upstream != null) {
      ports.add(FIRST_PORT);
    }
    return ports;
  }
}
