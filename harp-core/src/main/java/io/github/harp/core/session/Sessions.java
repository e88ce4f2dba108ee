// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.core.session.CallerKeys.CallerKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who callers are, as Nextcloud said a moment ago. An answer is kept for callers with a session
 * cookie only; equal callers that wait share one question; failures are not kept. Bounded, also for
 * each address.
 *
 * <p>Thread-safe.
 */
public final class Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  static final int MAX_KEPT = 100_000;
  private static final Duration LATELY = Duration.ofMinutes(10);
  private static final Future<Optional<NcUser>> ANONYMOUS =
      Future.succeededFuture(Optional.of(NcUser.ANONYMOUS));

  private final Nextcloud nextcloud;
  private final SeldomNotices notices;
  private final CallerKeys keys = new CallerKeys();
  private final Cache<CallerKey, Future<Optional<NcUser>>> kept;

  /** Whom Nextcloud called a user. */
  private final Cache<CallerKey, Boolean> knownLately;

  private final Questions questions;
  private final ConcurrentStatsCounter stats = new ConcurrentStatsCounter();
  private final ConcurrentMap<CallerKey, Future<Optional<NcUser>>> waiting =
      new ConcurrentHashMap<>();

  /**
   * @param nextcloud who knows
   * @param lifetime how long an answer is good; zero: not at all
   * @param ticker the time
   */
  public Sessions(Nextcloud nextcloud, Duration lifetime, Ticker ticker) {
    this.nextcloud = nextcloud;
    this.notices = new SeldomNotices(ticker);
    this.kept =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(lifetime)
            .maximumSize(MAX_KEPT)
            .executor(Runnable::run)
            .build();
    this.knownLately =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterWrite(LATELY)
            .maximumSize(MAX_KEPT)
            .executor(Runnable::run)
            .build();
    this.questions = new Questions(ticker);
  }

  /**
   * Who sends this request: complete at once when no question is needed. Empty when Nextcloud
   * refuses to say; fails as {@link Nextcloud#user} does, or with {@code BUSY}.
   *
   * @param request must stay as it is until the answer is there: it may have to wait for its turn
   * @param client its true address
   */
  public Future<Optional<NcUser>> whoSends(RequestHead request, AppId appId, InetAddress client) {
    var credentials = Credentials.of(request);
    if (credentials == null) {
      return ANONYMOUS;
    }
    var key = keys.of(credentials);
    var known = credentials.hasSession() ? kept.getIfPresent(key) : null;
    if (known != null) {
      stats.recordHits(1);
      return known;
    }
    stats.recordMisses(1);
    return ask(request, appId, client, key, credentials.hasSession());
  }

  /** Whether Nextcloud has called the sender a user within ten minutes; asks nobody. */
  public boolean wasUserLately(RequestHead request) {
    var credentials = Credentials.of(request);
    return credentials != null && knownLately.getIfPresent(keys.of(credentials)) != null;
  }

  /** Whether the sender shows something that Nextcloud may know a user by. */
  public boolean isWorthAsking(RequestHead request) {
    return Credentials.of(request) != null;
  }

  /**
   * How many callers were known, and how many Nextcloud had to be asked about; callers without
   * credentials are neither.
   */
  public CacheStats stats() {
    return stats.snapshot();
  }

  private Future<Optional<NcUser>> ask(
      RequestHead request, AppId appId, InetAddress client, CallerKey key, boolean isKept) {
    var promise = Promise.<Optional<NcUser>>promise();
    var running = waiting.putIfAbsent(key, promise.future());
    if (running != null) {
      return running;
    }
    // An answer may have come since the caller saw that there is none.
    var known = isKept ? kept.getIfPresent(key) : null;
    if (known != null) {
      waiting.remove(key);
      promise.handle(known);
      return known;
    }
    var isKnown = knownLately.getIfPresent(key) != null;
    questions
        .put(() -> asked(appId, request), client, isKnown)
        .onComplete(
            answer -> {
              if (answer.failed()) {
                tellOfFailure(appId, HarpException.reasonOf(answer.cause()));
              } else {
                remember(key, answer.result(), isKept);
              }
              waiting.remove(key);
              promise.handle(answer);
            });
    return promise.future();
  }

  private void remember(CallerKey key, Optional<NcUser> answer, boolean isKept) {
    if (isKept) {
      kept.put(key, Future.succeededFuture(answer));
    }
    if (answer.filter(user -> user.level().includes(AccessLevel.USER)).isPresent()) {
      knownLately.put(key, true);
    } else {
      knownLately.invalidate(key);
    }
  }

  private void tellOfFailure(AppId appId, String reason) {
    if (notices.isNew(List.of(appId, reason))) {
      LOG.warn(
          "callers of ExApp {}: Nextcloud did not say who they are, which counts against nobody:"
              + " {}",
          appId,
          reason);
    }
  }

  private Future<Optional<NcUser>> asked(AppId appId, RequestHead request) {
    try {
      return Objects.requireNonNull(
          nextcloud.user(appId, request), "found null, expected a future");
    } catch (RuntimeException e) {
      LOG.error("asking Nextcloud for a user broke: expected a future, failed or not", e);
      return Future.failedFuture(e);
    }
  }
}
