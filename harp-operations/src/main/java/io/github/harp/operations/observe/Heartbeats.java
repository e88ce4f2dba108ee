// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers what ExApps answered when AppAPI asked last whether they are up. Thread-safe. */
public final class Heartbeats implements RequestObserver {

  private static final String PATH = "/heartbeat";

  /** As many as anybody has. */
  private static final int MOST = 1_000;

  private final Clock clock;
  private final Map<Whose, Heartbeat> last = new ConcurrentHashMap<>();

  private record Whose(InstanceName nextcloud, AppId exApp) {}

  /**
   * An answer, or that there was none.
   *
   * @param status what AppAPI got
   */
  public record Heartbeat(Instant at, int status) {}

  public Heartbeats(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void finished(RequestRecord request) {
    var verdict = request.verdict();
    if (verdict == null || !request.path().endsWith(PATH)) {
      return;
    }
    verdict
        .decision()
        .forward()
        .filter(to -> to.signed() && to.path().equals(PATH))
        .map(to -> new Whose(verdict.instance().name(), to.exApp().id()))
        .filter(whose -> last.size() < MOST || last.containsKey(whose))
        .ifPresent(whose -> last.put(whose, new Heartbeat(clock.instant(), request.status())));
  }

  /** The last one of an ExApp. */
  public Optional<Heartbeat> of(InstanceName nextcloud, AppId exApp) {
    return Optional.ofNullable(last.get(new Whose(nextcloud, exApp)));
  }
}
