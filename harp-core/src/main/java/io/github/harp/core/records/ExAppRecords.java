// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.watch.Watch;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The ExApps that HaRP routes to: pushed by AppAPI, or looked up at Nextcloud on demand and kept
 * for a while. Thread-safe; a lookup that was under way never overwrites a newer push or removal.
 */
public interface ExAppRecords {

  /**
   * The ExApp with this id, empty when Nextcloud does not know it. Concurrent misses share one
   * lookup; failures are not kept.
   */
  Future<Optional<ExApp>> get(AppId appId);

  /** What Nextcloud says now, whatever is known; that is known afterwards. */
  Future<Optional<ExApp>> refresh(AppId appId);

  /** What is known without asking anybody. */
  Optional<ExApp> peek(AppId appId);

  /** All that are known without asking anybody, in no order. */
  List<ExApp> all();

  /**
   * The ExApps that are known to listen on this port of {@linkplain ExAppAddress#isOnThisHost()
   * this host}, behind a tunnel or not, without asking anybody; more than one only where the
   * administrator gave them the same. Walks through all records.
   */
  default List<ExApp> onThisHost(int port) {
    return all().stream().filter(exApp -> exApp.address().isOnThisHost(port)).toList();
  }

  /** Stores what AppAPI pushed and forgets that the id was unknown. */
  void put(ExApp exApp);

  /** Forgets an ExApp that is to be reached no more; whether there was one. */
  boolean remove(AppId appId);

  /**
   * Tells what happens to records from now on, one after the other in the order in which it
   * happens.
   *
   * @param listener called on any thread; must not block
   */
  Watch watch(Consumer<? super Event> listener);

  /** Something that happened to the record of one ExApp. */
  sealed interface Event {

    /** Calls the one that fits. */
    void when(Consumer<Known> known, Consumer<Removed> removed);
  }

  /** A record was pushed or looked up, changed or not. */
  record Known(ExApp exApp) implements Event {

    @Override
    public void when(Consumer<Known> known, Consumer<Removed> removed) {
      known.accept(this);
    }
  }

  /**
   * An ExApp is to be reached no more: AppAPI says so, whether there was a record or not, or
   * Nextcloud does not know it any longer. A record that expires says nothing of the kind.
   */
  record Removed(AppId appId) implements Event {

    @Override
    public void when(Consumer<Known> known, Consumer<Removed> removed) {
      removed.accept(this);
    }
  }
}
