// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.testing;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.Upstream;
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
  public Optional<Upstream> find(EngineNumber number) {
    return number.equals(EngineNumber.FIRST) ? Optional.ofNullable(upstream) : Optional.empty();
  }

  @Override
  public SortedSet<EngineNumber> numbers() {
    var numbers = new TreeSet<EngineNumber>();
    if (upstream != null) {
      numbers.add(EngineNumber.FIRST);
    }
    return numbers;
  }
}
