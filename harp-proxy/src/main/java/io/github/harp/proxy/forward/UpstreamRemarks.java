// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.notice.SeldomNotices;
import io.github.harp.proxy.exchange.Exchange;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says about upstreams that serve on but not as they should: about each the same thing
 * at most once in five minutes, however many requests meet it. Thread-safe, and bounded.
 */
public final class UpstreamRemarks {

  private static final Logger LOG = LoggerFactory.getLogger(UpstreamRemarks.class);
  static final Duration SILENCE = Duration.ofMinutes(5);
  private static final int MAX_PATH_LENGTH = 300;

  private final SeldomNotices notices;

  public UpstreamRemarks() {
    this(Ticker.systemTicker());
  }

  UpstreamRemarks(Ticker ticker) {
    this.notices = new SeldomNotices(ticker, SILENCE);
  }

  /** An answer was delivered although it broke a rule. */
  void lenient(Exchange exchange, String upstream, String rule) {
    var subject = subject(exchange, upstream);
    if (isDue(subject, rule)) {
      LOG.warn(
          "{}: the answer to {} {} has {}; it was delivered, and its connection is not used again",
          subject,
          exchange.request().method(),
          Excerpt.of(exchange.path(), MAX_PATH_LENGTH),
          rule);
    }
  }

  /**
   * It had a whole request and gave not one byte of an answer.
   *
   * @param end what ended the wait
   */
  void silent(Exchange exchange, String upstream, long waitedNanos, String end) {
    var subject = subject(exchange, upstream);
    if (isDue(subject, "silent")) {
      LOG.warn(
          "{}: not one byte of an answer to {} {} in {} s, then {}. The connection, or the tunnel,"
              + " was open; expected an application behind it that answers",
          subject,
          exchange.request().method(),
          Excerpt.of(exchange.path(), MAX_PATH_LENGTH),
          BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMillis(waitedNanos), 3),
          end);
    }
  }

  private static String subject(Exchange exchange, String upstream) {
    return exchange.account().exApp().map(exApp -> "ExApp " + exApp.id()).orElse("engine")
        + " at "
        + upstream;
  }

  boolean isDue(String subject, String kind) {
    return notices.isNew(List.of(subject, kind));
  }
}
