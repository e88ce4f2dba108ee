// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Keeps what is told, which nobody hears unless a test says so. */
final class ToldJournal implements Journal {

  /** In order, each with its kind. */
  final List<JsonObject> told = new ArrayList<>();

  private final Map<String, Consumer<Heard>> listeners = new HashMap<>();
  private final List<Runnable> missing = new ArrayList<>();

  @Override
  public void listen(String kind, Consumer<Heard> listener) {
    listeners.put(kind, listener);
  }

  @Override
  public void whenMissing(Runnable listener) {
    missing.add(listener);
  }

  @Override
  public void tell(String kind, JsonObject event) {
    told.add(event.copy().put("kind", kind));
  }

  List<JsonObject> told(String kind) {
    return told.stream().filter(it -> it.getString("kind").equals(kind)).toList();
  }

  /** What another node says has arrived here. */
  void hear(String kind, JsonObject event, Duration age, String run) {
    listeners.get(kind).accept(new Heard(event, age, false, run));
  }

  /** What this node has told has. */
  void hearOwn(String kind, JsonObject event, Duration age) {
    listeners.get(kind).accept(new Heard(event, age, true, FewPeers.THIS));
  }

  /** Something may not have been heard. */
  void misses() {
    missing.forEach(Runnable::run);
  }
}
