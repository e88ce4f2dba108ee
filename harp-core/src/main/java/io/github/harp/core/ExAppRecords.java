// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * The ExApps that HaRP routes to: pushed by AppAPI, or looked up at Nextcloud on demand and kept
 * for a while. Ids are compared without case. Thread-safe; a lookup that was under way never
 * overwrites a newer push or removal.
 */
public interface ExAppRecords {

  /**
   * The ExApp with this id, empty when Nextcloud does not know it. Concurrent misses share one
   * lookup; failures are not kept.
   */
  Future<Optional<ExApp>> get(String appId);

  /** What is known without asking anybody. */
  Optional<ExApp> peek(String appId);

  /**
   * The ExApp that is known to listen on this port of loopback, behind a tunnel or on this host,
   * without asking anybody. Walks through all records.
   */
  Optional<ExApp> onLoopback(int port);

  /** Stores what AppAPI pushed and forgets that the id was unknown. */
  void put(ExApp exApp);

  /** Forgets an ExApp; whether there was one. */
  boolean remove(String appId);
}
