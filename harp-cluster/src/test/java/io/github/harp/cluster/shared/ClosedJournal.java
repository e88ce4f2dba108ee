// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static io.github.harp.core.testing.Wait.resultOf;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.RedisServers;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.core.InstanceName;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** A journal that nobody reads or writes yet. */
final class ClosedJournal implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final Journal journal =
      new Journal(
          vertx,
          ((VertxInternal) vertx).createEventLoopContext(),
          new HarpClusterOptions(
              RedisServers.parse("redis://nobody.invalid"),
              Optional.empty(),
              Optional.empty(),
              "alone"),
          InstanceName.FIRST,
          Clock.systemUTC(),
          Duration.ofMinutes(5));

  Journal get() {
    return journal;
  }

  @Override
  public void close() {
    resultOf(vertx.close());
  }
}
