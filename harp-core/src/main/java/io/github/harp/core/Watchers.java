// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who watch one part of what a node knows. One that breaks keeps nobody else from being told.
 * Thread-safe.
 *
 * @param <E> small and immutable: it may go to another node
 */
public final class Watchers<E> {

  private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);

  private final List<Watcher<E>> all = new CopyOnWriteArrayList<>();

  /** So that the same listener may watch twice. */
  private record Watcher<E>(Consumer<? super E> listener, Object identity) {}

  public Watch add(Consumer<? super E> listener) {
    var watcher = new Watcher<E>(listener, new Object());
    all.add(watcher);
    return () -> all.remove(watcher);
  }

  /** Tells all of them, on this thread. */
  public void tell(E event) {
    for (var watcher : all) {
      try {
        watcher.listener().accept(event);
      } catch (RuntimeException e) {
        LOG.error("somebody who watches broke at {}: this is a defect", event, e);
      }
    }
  }
}
