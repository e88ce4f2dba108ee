// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

/**
 * What one node tells, all with the same key hear, itself included, in the same order and once.
 * Where something may not have been heard, those who listen are told that.
 *
 * <p>Thread-safe. Listeners are called on an event loop and must not block.
 */
public interface Journal {

  /** Who is to be called with what of this kind is heard; before it is opened. */
  void listen(String kind, Consumer<Heard> listener);

  /** Who is to be called when something may not have been heard. */
  void whenMissing(Runnable listener);

  /**
   * Tells all nodes; never waits.
   *
   * @param kind of at most one listener
   */
  void tell(String kind, JsonObject event);
}
