// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.core.runtime.Place;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.vertx.core.json.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * A line for each finished request: at {@code info} when all went well, at {@code warning} when a
 * request counted against its sender or an ExApp did not answer as it should.
 *
 * <p>Says what class of user asked, and who it was only when it is told to. The values stand in the
 * text and, for JSON, as key-value pairs.
 */
public final class AccessLog implements RequestObserver {

  private static final int MAX_PATH_LENGTH = 300;

  /** What needs no quotation marks in a line of text. */
  private static final Pattern PLAIN_NAME = Pattern.compile("[\\w.@'-]+");

  private final Logger log;
  private final boolean namesUsers;

  /**
   * @param namesUsers whether lines hold user names
   */
  public AccessLog(Logger log, boolean namesUsers) {
    this.log = log;
    this.namesUsers = namesUsers;
  }

  @Override
  public void finished(RequestRecord request) {
    var level = isWorthAWarning(request) ? Level.WARN : Level.INFO;
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    var line = new Line(log.atLevel(level));
    var path = Excerpt.of(request.path(), MAX_PATH_LENGTH);
    line.say(request.method() + " " + path);
    line.attach("method", request.method());
    line.attach("path", path);
    line.add("id", request.id());
    line.add("status", request.status());
    line.add("protocol", request.protocol());
    var verdict = request.verdict();
    var client = verdict == null ? request.peer() : verdict.client();
    line.add("client", IpAddresses.text(client));
    if (verdict != null) {
      if (!verdict.instance().name().isFirst()) {
        line.add("nextcloud", verdict.instance().name().text());
      }
      line.add("decision", verdict.decision().label());
      line.add("reason", verdict.reason());
      tell(verdict.decision(), line);
    }
    if (request.upstream() != null) {
      line.add("upstream", request.upstream());
    }
    line.add("deciding_ms", milliseconds(request.deciding()));
    if (request.firstByte() != null) {
      line.add("first_byte_ms", milliseconds(request.firstByte()));
    }
    line.add("total_ms", milliseconds(request.total()));
    line.add("in", request.bytesIn());
    line.add("out", request.bytesOut());
    if (request.upgraded()) {
      line.add("upgraded", true);
    }
    if (request.failure() != null) {
      line.add("error", request.failure().kind());
      line.say(": " + request.failure().message());
      line.attach("error_message", request.failure().message());
    } else if (verdict != null && !verdict.decision().detail().isEmpty()) {
      line.say(": " + verdict.decision().detail());
      line.attach("detail", verdict.decision().detail());
    }
    line.write();
  }

  private void tell(Decision decision, Line line) {
    var forward = decision.forward();
    forward.ifPresent(it -> line.add("app", it.exApp().id().text()));
    if (decision.isForCluster()) {
      line.add("place", Place.CLUSTER.toString());
    }
    forward.ifPresent(it -> tellUser(it, line));
  }

  private void tellUser(Decision.Forward forward, Line line) {
    line.add("user", userClass(forward));
    if (namesUsers && !forward.userId().isEmpty()) {
      line.addText("name", forward.userId());
    }
  }

  private static boolean isWorthAWarning(RequestRecord request) {
    if (request.failure() != null) {
      return switch (request.failure().kind()) {
        case CLIENT_GONE,
            CLIENT_TIMEOUT,
            UPGRADE_TIMEOUT,
            SHUTDOWN,
            OVERLOAD,
            TOO_MANY_OF_CLIENT,
            TOO_MANY_TO_EXAPP ->
            false;
        case MALFORMED_REQUEST,
            DECISION_TIMEOUT,
            DECISION_FAILED,
            ORDER_FAILED,
            NO_UPSTREAM,
            CONNECT_FAILED,
            CONNECT_TIMEOUT,
            RESPONSE_TIMEOUT,
            MALFORMED_RESPONSE,
            UPSTREAM_GONE ->
            true;
      };
    }
    var verdict = request.verdict();
    return verdict != null && (verdict.counted() || verdict.decision().isForTheAdministrator());
  }

  /** What kind of user asks, for whoever is not to know which. */
  static String userClass(Decision.Forward forward) {
    if (forward.signed()) {
      return "appapi";
    }
    if (forward.user().level() == AccessLevel.PUBLIC) {
      return "anonymous";
    }
    return forward.user().level() == AccessLevel.ADMIN ? "admin" : "user";
  }

  /** With one digit behind the point. */
  private static BigDecimal milliseconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos() / 100_000, 1);
  }

  /** One line, as text for people and as pairs for machines. */
  private static final class Line {

    private final StringBuilder text = new StringBuilder(200);
    private LoggingEventBuilder event;

    Line(LoggingEventBuilder event) {
      this.event = event;
    }

    void say(String words) {
      text.append(words);
    }

    void attach(String key, Object value) {
      event = event.addKeyValue(key, value);
    }

    void add(String key, Object value) {
      attach(key, value);
      text.append(' ').append(key).append('=').append(value);
    }

    /** In quotation marks where a value could be taken for something else. */
    void addText(String key, String value) {
      attach(key, value);
      text.append(' ').append(key).append('=');
      text.append(PLAIN_NAME.matcher(value).matches() ? value : Json.encode(value));
    }

    void write() {
      event.log(text.toString());
    }
  }
}
