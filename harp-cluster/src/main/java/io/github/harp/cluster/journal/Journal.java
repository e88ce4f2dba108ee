// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one node tells, all with the same key hear, itself included, in the same order and once.
 * Where something may not have been heard, those who listen are told that.
 *
 * <p>Thread-safe. Listeners are called on an event loop and must not block.
 */
public interface Journal {

  /** Of what {@link #tellAll} has in one event, some kilobytes. */
  int MANY = 50;

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

  /**
   * Tells much of a kind, in events of some of it each.
   *
   * @param name of an event's only member, an array
   */
  default void tellAll(String kind, String name, List<JsonObject> much) {
    for (var from = 0; from < much.size(); from += MANY) {
      var some = much.subList(from, Math.min(much.size(), from + MANY));
      tell(kind, new JsonObject().put(name, new JsonArray(List.copyOf(some))));
    }
  }
}
