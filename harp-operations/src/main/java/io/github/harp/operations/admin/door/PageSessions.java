// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/**
 * Who has signed in to the status page. A session is new with each sign-in, ends half an hour after
 * it was used last and at its end, and with the process. Thread-safe.
 */
final class PageSessions {

  private static final int SECRET_BYTES = 32;
  private static final int MOST = 100;
  private static final Duration UNUSED = Duration.ofMinutes(30);

  private final Ticker ticker;
  private final SecureRandom random = new SecureRandom();
  private final Cache<String, Session> open;

  PageSessions(Ticker ticker) {
    this.ticker = ticker;
    this.open =
        Caffeine.newBuilder()
            .ticker(ticker)
            .expireAfterAccess(UNUSED)
            .maximumSize(MOST)
            .executor(Runnable::run)
            .build();
  }

  /**
   * One of them.
   *
   * @param id what the browser shows in its cookie
   * @param token what the page has to show beside that when it changes something
   * @param end on the clock that ticks here
   */
  record Session(String id, String token, Administrator visitor, long end) {

    /** Whether the page itself asks for a change, and not another website. */
    boolean isShown(String presented) {
      return MessageDigest.isEqual(
          token.getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "a session";
    }
  }

  Session begin(Administrator visitor, Duration longest) {
    var end = ticker.read() + longest.toNanos();
    var session = new Session(secret(), secret(), visitor, end);
    open.put(session.id(), session);
    return session;
  }

  /** The one with this id, while it lasts. */
  Optional<Session> find(String id) {
    return Optional.ofNullable(open.getIfPresent(id)).filter(it -> ticker.read() - it.end() < 0);
  }

  void end(Session session) {
    open.invalidate(session.id());
  }

  private String secret() {
    var bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
