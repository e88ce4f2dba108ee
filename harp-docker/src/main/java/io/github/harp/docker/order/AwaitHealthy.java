// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.TIMED_OUT;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.dockerjava.api.command.InspectContainerResponse;
import io.github.harp.core.ExAppName;
import io.github.harp.core.runtime.StartOutcome;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a container runs and is healthy, or can't become so. Contract 5.12.
 *
 * <p>Looks, and looks again whenever the engine reports a change of the container; an engine
 * without events is asked twice a second.
 */
public final class AwaitHealthy {

  private static final Set<String> NOT_RECOVERABLE = Set.of("paused", "exited", "dead");

  private final Engine engine;
  private final ExAppName name;
  private final Duration patience;

  /**
   * @param patience how long to wait for the container, calls under way not counted
   */
  public AwaitHealthy(Engine engine, ExAppName name, Duration patience) {
    this.engine = engine;
    this.name = name;
    this.patience = patience;
  }

  public StartOutcome run() throws InterruptedException {
    var seen = new Seen("unknown", null);
    var end = Deadline.in(patience, Ticker.systemTicker());
    try (var changes = new ContainerChanges(engine, name.container())) {
      while (true) {
        var found = new Containers(engine).inspect(name);
        if (found.isEmpty()) {
          return new StartOutcome(false, "not_found", null, "container not found");
        }
        seen = Seen.of(found.get());
        var outcome = seen.outcome();
        if (outcome.isPresent()) {
          return outcome.get();
        }
        if (end.isOver()) {
          return seen.notStarted("timeout after max tries");
        }
        changes.await(end);
      }
    } catch (RuntimeException e) {
      var failure = EngineErrors.translate("wait for the start of " + name.container(), e);
      if (failure.code() == TIMED_OUT) {
        return seen.notStarted("overall timeout");
      }
      throw failure;
    }
  }

  /** A container's state and the last word of its health check, null without one. */
  private record Seen(String status, @Nullable String health) {

    static Seen of(InspectContainerResponse container) {
      var state = container.getState();
      if (state == null) {
        return new Seen("unknown", null);
      }
      var health = state.getHealth() == null ? null : state.getHealth().getStatus();
      var status = Optional.ofNullable(state.getStatus()).orElse("unknown");
      return new Seen(status, saysNothing(health) ? null : health);
    }

    /** Engines write both where an image has no health check. */
    private static boolean saysNothing(@Nullable String health) {
      return health == null || health.isEmpty() || health.equals("none");
    }

    Optional<StartOutcome> outcome() {
      if (NOT_RECOVERABLE.contains(status)) {
        return Optional.of(notStarted("non-recoverable state: " + status));
      }
      if (!status.equals("running")) {
        return Optional.empty();
      }
      if (health == null || health.equals("healthy")) {
        return Optional.of(new StartOutcome(true, status, health, null));
      }
      // AppAPI polls the health itself and decides what an unhealthy one means.
      return health.equals("unhealthy")
          ? Optional.of(new StartOutcome(true, status, health, "unhealthy"))
          : Optional.empty();
    }

    StartOutcome notStarted(String reason) {
      return new StartOutcome(false, status, health, reason);
    }
  }
}
