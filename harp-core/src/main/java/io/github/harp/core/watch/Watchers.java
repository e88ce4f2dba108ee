// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.watch;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who watch one part of what a node knows. They are told one event after the other, in the
 * order in which these were noted; one that breaks keeps nobody else from being told. Thread-safe.
 *
 * @param <E> small and immutable: it may go to another node
 */
public final class Watchers<E> {

  private static final Logger LOG = LoggerFactory.getLogger(Watchers.class);

  private final List<Watcher<E>> all = new CopyOnWriteArrayList<>();
  private final Queue<E> untold = new ConcurrentLinkedQueue<>();
  private final AtomicInteger due = new AtomicInteger();

  /** So that the same listener may watch twice. */
  private record Watcher<E>(Consumer<? super E> listener, Object identity) {}

  public Watch add(Consumer<? super E> listener) {
    var watcher = new Watcher<E>(listener, new Object());
    all.add(watcher);
    return () -> all.remove(watcher);
  }

  /** Something has happened, to be told; with the lock held that says what happens first. */
  public void note(E event) {
    untold.add(event);
  }

  /**
   * Tells what was noted, with no lock held: on this thread, unless another one is at it, or this
   * one is further up.
   */
  public void tell() {
    if (due.getAndIncrement() > 0) {
      return;
    }
    var seen = 1;
    try {
      do {
        for (var event = untold.poll(); event != null; event = untold.poll()) {
          tellAll(event);
        }
        seen = due.addAndGet(-seen);
      } while (seen > 0);
    } finally {
      if (seen > 0) {
        // An Error: whoever comes next goes on.
        due.set(0);
      }
    }
  }

  private void tellAll(E event) {
    for (var watcher : all) {
      try {
        watcher.listener().accept(event);
      } catch (RuntimeException e) {
        LOG.error("somebody who watches broke at {}: this is a defect", event, e);
      }
    }
  }
}
