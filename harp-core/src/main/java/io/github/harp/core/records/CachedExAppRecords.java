// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.watch.Watch;
import io.github.harp.core.watch.Watchers;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records in memory. A record is asked for again in the background once it is {@link #FRESH} old,
 * is served meanwhile, and stays in service for {@link #STALE} while Nextcloud does not answer. An
 * unknown id is remembered for {@link #UNKNOWN}. At most {@link #MAX_RECORDS} of each are kept.
 *
 * <p>Thread-safe. Futures of what is known are complete when they are returned.
 */
public final class CachedExAppRecords implements ExAppRecords {
  /** How old a record may be before it is asked for again. */
  public static final Duration FRESH = Duration.ofMinutes(5);

  /** How old a record may be to be served at all. */
  public static final Duration STALE = Duration.ofHours(24);

  /** How long an id that Nextcloud does not know is not asked for again. */
  public static final Duration UNKNOWN = Duration.ofSeconds(15);

  /** The pause between two attempts to refresh a record that fail. */
  public static final Duration RETRY = Duration.ofSeconds(10);

  /** How many records, and how many unknown ids, are kept at most. */
  public static final int MAX_RECORDS = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(CachedExAppRecords.class);
  private static final int MAX_LOOKUPS = 1_024;
  private static final Future<Optional<ExApp>> NOT_KNOWN = Future.succeededFuture(Optional.empty());

  private final Nextcloud nextcloud;
  private final Ticker ticker;
  private final SeldomNotices notices;
  private final Watchers<Event> watchers = new Watchers<>();
  private final Cache<AppId, CachedRecord> records;

  /** By id as written: Nextcloud makes a difference. */
  private final Cache<String, Boolean> unknown;

  private final ConcurrentStatsCounter stats = new ConcurrentStatsCounter();

  /** By id as written; guarded by this. What a push or removal overtakes is taken out. */
  private final Map<String, Promise<Optional<ExApp>>> lookups = new HashMap<>();

  public CachedExAppRecords(Nextcloud nextcloud, Ticker ticker) {
    this.nextcloud = nextcloud;
    this.ticker = ticker;
    this.notices = new SeldomNotices(ticker);
    this.records =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(STALE)
            .maximumSize(MAX_RECORDS)
            .executor(Runnable::run)
            .build();
    this.unknown =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(UNKNOWN)
            .maximumSize(MAX_RECORDS)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public Future<Optional<ExApp>> get(AppId appId) {
    var known = known(appId);
    if (known != null) {
      stats.recordHits(1);
      return known;
    }
    stats.recordMisses(1);
    return lookUp(appId, false);
  }

  @Override
  public Future<Optional<ExApp>> refresh(AppId appId) {
    return lookUp(appId, true);
  }

  /** How many were known when they were asked for, and how many had to be looked up. */
  public CacheStats stats() {
    return stats.snapshot();
  }

  @Override
  public Optional<ExApp> peek(AppId appId) {
    var known = records.getIfPresent(appId);
    return known == null ? Optional.empty() : Optional.of(known.exApp());
  }

  @Override
  public List<ExApp> all() {
    return records.asMap().values().stream().map(CachedRecord::exApp).toList();
  }

  @Override
  public void put(ExApp exApp) {
    synchronized (this) {
      overtake(exApp.id());
      unknown.asMap().keySet().removeIf(exApp.id().text()::equalsIgnoreCase);
      store(exApp);
    }
    watchers.tell();
  }

  @Override
  public boolean remove(AppId appId) {
    boolean wasKnown;
    synchronized (this) {
      overtake(appId);
      wasKnown = records.asMap().remove(appId) != null;
      watchers.note(new Removed(appId));
    }
    watchers.tell();
    return wasKnown;
  }

  @Override
  public Watch watch(Consumer<? super Event> listener) {
    return watchers.add(listener);
  }

  private @Nullable Future<Optional<ExApp>> known(AppId appId) {
    var record = records.getIfPresent(appId);
    if (record != null) {
      refreshIfDue(record);
      return record.answer();
    }
    return unknown.getIfPresent(appId.text()) != null ? NOT_KNOWN : null;
  }

  /** One of those who come asks again; if that fails, another one {@link #RETRY} later. */
  private void refreshIfDue(CachedRecord known) {
    var now = ticker.read();
    if (known.isDue(now)) {
      known.dueAt(now + RETRY.toNanos());
      lookUp(known.exApp().id(), true);
    }
  }

  private Future<Optional<ExApp>> lookUp(AppId id, boolean isRefresh) {
    Promise<Optional<ExApp>> promise;
    synchronized (this) {
      var running = lookups.get(id.text());
      if (running != null) {
        return running.future();
      }
      // A lookup may have ended since the caller saw that nothing is known.
      var known = isRefresh ? null : known(id);
      if (known != null) {
        return known;
      }
      if (lookups.size() >= MAX_LOOKUPS) {
        return Future.failedFuture(
            new HarpException(
                HarpException.Code.BUSY,
                MAX_LOOKUPS + " ExApps are being looked up already: expected fewer"));
      }
      promise = Promise.promise();
      lookups.put(id.text(), promise);
    }
    asked(id).onComplete(answer -> settle(id, promise, answer));
    return promise.future();
  }

  private Future<Optional<ExApp>> asked(AppId id) {
    try {
      return Objects.requireNonNull(ask(id), "found null, expected a future");
    } catch (RuntimeException e) {
      LOG.error("ExApp {}: asking Nextcloud broke: expected a future, failed or not", id, e);
      return Future.failedFuture(e);
    }
  }

  /** Ids are lower-case by convention; one that is not is asked for as written, too. */
  private Future<Optional<ExApp>> ask(AppId id) {
    var lower = id.inLowerCase();
    var first = nextcloud.exApp(lower);
    return lower == id
        ? first
        : first.compose(
            found -> found.isPresent() ? Future.succeededFuture(found) : nextcloud.exApp(id));
  }

  private void settle(
      AppId id, Promise<Optional<ExApp>> promise, AsyncResult<Optional<ExApp>> answer) {
    AsyncResult<Optional<ExApp>> outcome = answer;
    synchronized (this) {
      if (!lookups.remove(id.text(), promise)) {
        outcome = newest(id, answer);
      } else if (answer.failed()) {
        tellOfFailure(id, answer.cause());
      } else if (answer.result().isPresent()) {
        store(answer.result().get());
      } else {
        unknown.put(id.text(), true);
        if (records.asMap().remove(id) != null) {
          watchers.note(new Removed(id));
        }
      }
    }
    watchers.tell();
    promise.handle(outcome);
  }

  private AsyncResult<Optional<ExApp>> newest(AppId id, AsyncResult<Optional<ExApp>> answer) {
    var known = records.getIfPresent(id);
    return known == null ? answer : known.answer();
  }

  private void tellOfFailure(AppId id, Throwable cause) {
    var isKnown = records.getIfPresent(id) != null;
    var reason = HarpException.reasonOf(cause);
    if (notices.isNew(isKnown ? List.of(id, reason) : reason)) {
      LOG.warn(
          "ExApp {}: {}, Nextcloud did not answer: {}",
          id,
          isKnown ? "the record known is served on" : "not looked up",
          reason);
    }
  }

  /** A record that says the same stays the same object, with its compiled routes. */
  private void store(ExApp exApp) {
    var known = records.getIfPresent(exApp.id());
    var kept = known != null && known.exApp().equals(exApp) ? known.exApp() : exApp;
    if (kept == exApp) {
      for (var skipped : exApp.routes().skipped()) {
        LOG.warn("ExApp {}: {}", exApp.id(), skipped);
      }
    }
    records.put(exApp.id(), new CachedRecord(kept, ticker.read() + FRESH.toNanos()));
    watchers.note(new Known(exApp));
  }

  private void overtake(AppId appId) {
    lookups.keySet().removeIf(appId.text()::equalsIgnoreCase);
  }
}
