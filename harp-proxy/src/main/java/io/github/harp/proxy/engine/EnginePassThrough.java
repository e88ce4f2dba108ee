// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.engine;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.Engines;
import io.github.harp.core.RequestHead;
import io.github.harp.core.Upstream;

/**
 * Judges calls to engines: only registered engines, and only the calls of {@link EngineRules}.
 * Thread-safe.
 */
public final class EnginePassThrough {

  private final Engines engines;

  public EnginePassThrough(Engines engines) {
    this.engines = engines;
  }

  /** What is to happen to a call. */
  public sealed interface Verdict {

    /** Send it to this engine, raw path and query. */
    record Pass(Upstream engine) implements Verdict {}

    /**
     * Answer it here.
     *
     * @param status 403 for a call that is not allowed, 503 for an engine that is not there
     * @param reason for the log
     */
    record Refuse(int status, String reason) implements Verdict {}
  }

  /**
   * What is to happen to a call of somebody who showed the key.
   *
   * @param port the number in {@code docker-engine-port}
   * @param path the raw path at the engine
   * @param query the raw query without {@code ?}
   */
  public Verdict judge(int port, RequestHead head, String path, String query) {
    var number = EngineNumber.of(port);
    if (number.isEmpty()) {
      return new Verdict.Refuse(
          403, "engine " + port + ": engines have numbers " + EngineNumber.RANGE);
    }
    var objection = EngineRules.objection(head, path, query);
    if (objection.isPresent()) {
      return new Verdict.Refuse(403, "engine " + port + ": " + objection.get());
    }
    return engines
        .find(number.get())
        .<Verdict>map(Verdict.Pass::new)
        .orElseGet(
            () ->
                new Verdict.Refuse(
                    503,
                    "engine " + port + " is not connected; connected are " + engines.numbers()));
  }
}
