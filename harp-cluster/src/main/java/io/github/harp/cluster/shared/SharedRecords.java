// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.cluster.journal.Heard;
import io.github.harp.cluster.journal.Journal;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.watch.Watch;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Records that every node knows once AppAPI has told one. Where two are told different things at
 * once, all end with what stands last in the journal. Nextcloud has the last word: what is heard
 * late, or may not have been heard, is a reason to ask it again and is not believed itself.
 */
public final class SharedRecords implements ExAppRecords {

  /** Older news of a record may be overtaken by what another node was told meanwhile. */
  private static final Duration NEWS = Duration.ofSeconds(10);

  private static final int MAX_SAID = 10_000;
  private static final String PUSHED = "record";
  private static final String REMOVED = "no record";

  private final ExAppRecords local;
  private final Journal journal;

  /** How many of this node's own words on an ExApp are still to be heard, and soon enough. */
  private final Cache<AppId, Integer> said;

  private final AtomicBoolean asking = new AtomicBoolean();

  public SharedRecords(ExAppRecords local, Journal journal) {
    this(local, journal, Ticker.systemTicker());
  }

  SharedRecords(ExAppRecords local, Journal journal, Ticker time) {
    this.local = local;
    this.journal = journal;
    said = Caffeine.newBuilder().expireAfterWrite(NEWS).maximumSize(MAX_SAID).ticker(time).build();
    journal.listen(PUSHED, this::pushed);
    journal.listen(REMOVED, this::removed);
    journal.whenMissing(this::askAgain);
  }

  @Override
  public void put(ExApp exApp) {
    local.put(exApp);
    say(PUSHED, exApp.id(), RecordText.of(exApp));
  }

  @Override
  public boolean remove(AppId appId) {
    var wasKnown = local.remove(appId);
    say(REMOVED, appId, new JsonObject().put("id", appId.text()));
    return wasKnown;
  }

  private void say(String kind, AppId about, JsonObject event) {
    said.asMap().merge(about, 1, Integer::sum);
    journal.tell(kind, event);
  }

  private void pushed(Heard heard) {
    var exApp = RecordText.read(heard.event());
    if (isNews(heard, exApp.id()) && !(heard.own() && isKnown(exApp))) {
      local.put(exApp);
    }
  }

  private void removed(Heard heard) {
    var id = new AppId(heard.event().getString("id"));
    if (isNews(heard, id) && !(heard.own() && local.peek(id).isEmpty())) {
      local.remove(id);
    }
  }

  private boolean isKnown(ExApp exApp) {
    return local.peek(exApp.id()).equals(Optional.of(exApp));
  }

  /** Whether this is the last that was said of the ExApp: nothing of this node's own follows. */
  private boolean isNews(Heard heard, AppId about) {
    if (heard.own()) {
      said.asMap().computeIfPresent(about, (id, times) -> times > 1 ? times - 1 : null);
    }
    if (said.asMap().containsKey(about)) {
      return false;
    }
    if (heard.age().compareTo(NEWS) > 0) {
      local.peek(about).ifPresent(known -> local.refresh(about));
      return false;
    }
    return true;
  }

  private void askAgain() {
    if (asking.compareAndSet(false, true)) {
      Future<?> asked = Future.succeededFuture();
      for (var exApp : local.all()) {
        // One after the other: there may be thousands.
        asked = asked.transform(done -> local.refresh(exApp.id()));
      }
      asked.onComplete(done -> asking.set(false));
    }
  }

  @Override
  public Future<Optional<ExApp>> get(AppId appId) {
    return local.get(appId);
  }

  @Override
  public Future<Optional<ExApp>> refresh(AppId appId) {
    return local.refresh(appId);
  }

  @Override
  public Optional<ExApp> peek(AppId appId) {
    return local.peek(appId);
  }

  @Override
  public List<ExApp> all() {
    return local.all();
  }

  @Override
  public Watch watch(Consumer<? super Event> listener) {
    return local.watch(listener);
  }
}
