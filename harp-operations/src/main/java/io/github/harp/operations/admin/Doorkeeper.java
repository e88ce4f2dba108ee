// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who has the shared key: with each request in a header, or once on the status page, which
 * is then known by its session. Who guesses is not listened to for a while.
 */
final class Doorkeeper {

  static final String SESSION = "harp-session";
  static final String TOKEN = "harp-csrf";
  static final int MOST_SIGN_IN_BYTES = 4_096;
  private static final int GUESSES = 10;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private final Predicate<String> isKey;
  private final PageSessions sessions;
  private final Failures guesses;

  Doorkeeper(Predicate<String> isKey, Ticker ticker) {
    this.isKey = isKey;
    this.sessions = new PageSessions(ticker);
    this.guesses = new BanList("admin", GUESSES, WINDOW, ticker);
  }

  /** Goes on with whoever may see, and change, the gateway. */
  void requireKey(RoutingContext context) {
    var key = context.request().getHeader(AppApiHeaders.HARP_SHARED_KEY);
    var session = session(context);
    if (key != null) {
      if (accepts(context, key)) {
        context.next();
      }
    } else if (session.isEmpty()) {
      Words.say(context, 401, "expected the shared key in the header harp-shared-key");
    } else if (mayChange(context.request(), session.get())) {
      context.next();
    } else {
      Words.say(context, 403, "expected the session's token in the header " + TOKEN);
    }
  }

  /** The session that a request shows. */
  Optional<PageSessions.Session> session(RoutingContext context) {
    var cookie = context.request().getCookie(SESSION);
    return cookie == null ? Optional.empty() : sessions.find(cookie.getValue());
  }

  /** What the page shows when it changes something. */
  void showToken(RoutingContext context) {
    session(context)
        .ifPresentOrElse(
            it -> Words.json(context, new JsonObject().put("token", it.token())),
            () -> Words.say(context, 401, "nobody has signed in"));
  }

  /** Whether it has not ended; a page that is open uses it. */
  boolean lasts(PageSessions.Session session) {
    return sessions.find(session.id()).isPresent();
  }

  private static boolean mayChange(HttpServerRequest request, PageSessions.Session session) {
    var token = request.getHeader(TOKEN);
    return request.method().equals(HttpMethod.GET) || token != null && session.isShown(token);
  }

  /** Begins a session for who posts the key from the page itself. */
  void signIn(RoutingContext context, @Nullable String form) {
    if (!isFromHere(context.request())) {
      Words.say(context, 403, "expected a sign-in from this page, found one from another website");
      return;
    }
    if (accepts(context, form == null ? "" : key(form))) {
      session(context).ifPresent(sessions::end);
      var session = sessions.begin();
      context.response().addCookie(cookie(session.id(), context.request().isSSL()));
      Words.json(context, new JsonObject().put("token", session.token()));
    }
  }

  void signOut(RoutingContext context) {
    session(context).ifPresent(sessions::end);
    context.response().addCookie(cookie("", context.request().isSSL()).setMaxAge(0));
    Words.say(context, 200, "signed out");
  }

  private static String key(String form) {
    var fields = new QueryStringDecoder(form, StandardCharsets.UTF_8, false);
    return fields.parameters().getOrDefault("key", List.of("")).get(0);
  }

  private static Cookie cookie(String value, boolean isEncrypted) {
    return Cookie.cookie(SESSION, value)
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(isEncrypted)
        .setSameSite(CookieSameSite.STRICT);
  }

  /** Whoever guesses is told so even when a guess is right. */
  private boolean accepts(RoutingContext context, String key) {
    var who = address(context.request());
    if (guesses.isBanned(who)) {
      context
          .response()
          .putHeader("retry-after", String.valueOf(guesses.remaining(who).toSeconds() + 1));
      Words.say(context, 429, "too many wrong keys from this address; try again in a minute");
      return false;
    }
    if (isKey.test(key)) {
      return true;
    }
    guesses.record(who, "WRONG_KEY");
    Words.say(context, 401, "this is not the shared key");
    return false;
  }

  private static InetAddress address(HttpServerRequest request) {
    var literal = IpAddresses.parse(request.remoteAddress().hostAddress());
    return literal == null ? InetAddress.getLoopbackAddress() : literal;
  }

  /** Browsers say where a form was sent from. */
  private static boolean isFromHere(HttpServerRequest request) {
    var site = request.getHeader("sec-fetch-site");
    var origin = request.getHeader("origin");
    var authority = request.authority();
    return (site == null || site.equals("same-origin"))
        && (origin == null
            || authority != null
                && origin.replaceFirst("^https?://", "").equals(authority.toString()));
  }
}
