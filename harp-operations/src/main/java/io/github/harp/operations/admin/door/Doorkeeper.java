// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.HarpException;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.ban.BanList;
import io.github.harp.core.ban.Failures;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who has a key: with each request in a header, or once on the status page, which is then
 * known by its session; and there, where the entrance knows them, administrators of Nextcloud. Who
 * guesses is not listened to for a while.
 */
public final class Doorkeeper {

  private static final String TOKEN = "harp-csrf";
  public static final int MOST_SIGN_IN_BYTES = 4_096;
  private static final String VISITOR = "visitor";
  private static final int GUESSES = 10;
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final Duration KEYS_SESSION = Duration.ofHours(12);

  /** Nobody tells us when an administrator is none any more. */
  private static final Duration ADMINISTRATORS_SESSION = Duration.ofHours(1);

  private final Entrance entrance;
  private final PageSessions sessions;
  private final Failures guesses;

  public Doorkeeper(Entrance entrance, Ticker ticker) {
    this.entrance = entrance;
    this.sessions = new PageSessions(ticker);
    this.guesses = new BanList("admin", GUESSES, WINDOW, ticker);
  }

  /** Goes on with whoever may see, and change, what is theirs. */
  public void requireKey(RoutingContext context) {
    var key = context.request().getHeader(AppApiHeaders.HARP_SHARED_KEY);
    var session = session(context);
    if (key != null) {
      holder(context, key).ifPresent(visitor -> letIn(context, visitor));
    } else if (session.isEmpty()) {
      Words.say(context, 401, "expected the shared key in the header harp-shared-key");
    } else if (mayChange(context.request(), session.get())) {
      letIn(context, session.get().visitor());
    } else {
      Words.say(context, 403, "expected the session's token in the header " + TOKEN);
    }
  }

  private static void letIn(RoutingContext context, Administrator visitor) {
    context.put(VISITOR, visitor);
    context.next();
  }

  /** Who was let in with this request. */
  public static Administrator visitor(RoutingContext context) {
    return Objects.requireNonNull(context.<Administrator>get(VISITOR), "nobody was let in");
  }

  /** The session that a request shows. */
  private Optional<PageSessions.Session> session(RoutingContext context) {
    var cookie = context.request().getCookie(entrance.cookie());
    return cookie == null ? Optional.empty() : find(cookie.getValue());
  }

  private Optional<PageSessions.Session> find(String id) {
    return sessions.find(id).filter(it -> entrance.isServed(it.visitor()));
  }

  /** What the page shows when it changes something. */
  public void showToken(RoutingContext context) {
    session(context)
        .ifPresentOrElse(
            it -> Words.json(context, new JsonObject().put("token", it.token())),
            () -> {
              context.response().setStatusCode(401);
              var words = new JsonObject().put("status", "nobody has signed in");
              Words.json(context, words.put("administrators", entrance.knowsAdministrators()));
            });
  }

  /** Whether whoever sent a request may still see what is sent to them; uses their session. */
  public BooleanSupplier lasting(RoutingContext context) {
    var session = session(context);
    return () -> session.isEmpty() || find(session.get().id()).isPresent();
  }

  private static boolean mayChange(HttpServerRequest request, PageSessions.Session session) {
    var token = request.getHeader(TOKEN);
    return request.method().equals(HttpMethod.GET) || token != null && session.isShown(token);
  }

  /** Begins a session for who posts a key from the page itself, or is an administrator. */
  public void signIn(RoutingContext context, @Nullable String form) {
    if (!isFromHere(context.request())) {
      Words.say(context, 403, "expected a sign-in from this page, found one from another website");
      return;
    }
    var fields = new QueryStringDecoder(form == null ? "" : form, StandardCharsets.UTF_8, false);
    List<String> key;
    try {
      key = fields.parameters().get("key");
    } catch (IllegalArgumentException e) {
      context.fail(400, e);
      return;
    }
    if (key == null && entrance.knowsAdministrators()) {
      signInAdministrator(context);
    } else {
      holder(context, key == null ? "" : key.get(0))
          .ifPresent(visitor -> begin(context, visitor, KEYS_SESSION));
    }
  }

  private void signInAdministrator(RoutingContext context) {
    if (mayTry(context)) {
      var here = context.vertx().getOrCreateContext();
      entrance
          .administrator(context)
          .onComplete(found -> here.runOnContext(go -> administrator(context, found)));
    }
  }

  private void administrator(RoutingContext context, AsyncResult<Optional<Administrator>> found) {
    if (found.failed()) {
      Words.say(context, 503, HarpException.reasonOf(found.cause()));
    } else if (found.result().isPresent()) {
      begin(context, found.result().get(), ADMINISTRATORS_SESSION);
    } else {
      guesses.record(entrance.client(context), "NO_ADMINISTRATOR");
      Words.say(context, 403, "Nextcloud knows no administrator by the cookies of this browser");
    }
  }

  private void begin(RoutingContext context, Administrator visitor, Duration longest) {
    session(context).ifPresent(sessions::end);
    var session = sessions.begin(visitor, longest);
    context.response().addCookie(cookie(context, session.id()));
    Words.json(context, new JsonObject().put("token", session.token()));
  }

  public void signOut(RoutingContext context) {
    session(context).ifPresent(sessions::end);
    context.response().addCookie(cookie(context, "").setMaxAge(0));
    Words.say(context, 200, "signed out");
  }

  private Cookie cookie(RoutingContext context, String id) {
    return entrance.cookie(context, id).setHttpOnly(true).setSameSite(CookieSameSite.STRICT);
  }

  /** Whose a key is; whoever guesses is told so even when a guess is right. */
  private Optional<Administrator> holder(RoutingContext context, String key) {
    if (!mayTry(context)) {
      return Optional.empty();
    }
    var holder = entrance.holder(context, key);
    if (holder.isEmpty()) {
      guesses.record(entrance.client(context), "WRONG_KEY");
      entrance.guessed(context).onSuccess(mayBeTold -> turnAway(context, mayBeTold));
    }
    return holder;
  }

  private static void turnAway(RoutingContext context, boolean mayBeTold) {
    if (context.response().closed()) {
      return;
    }
    if (mayBeTold) {
      Words.say(context, 401, "this is not the shared key");
    } else {
      context.response().putHeader("retry-after", "3");
      Words.say(context, 429, "too many show wrong keys at the moment; try again later");
    }
  }

  private boolean mayTry(RoutingContext context) {
    var who = entrance.client(context);
    if (!guesses.isBanned(who)) {
      return true;
    }
    context
        .response()
        .putHeader("retry-after", String.valueOf(guesses.remaining(who).toSeconds() + 1));
    Words.say(context, 429, "too many failed attempts from this address; try again in a minute");
    return false;
  }

  /**
   * Browsers say where a form was sent from; those that say it in one word are believed, since
   * proxies in front may change the host.
   */
  private static boolean isFromHere(HttpServerRequest request) {
    var site = request.getHeader("sec-fetch-site");
    var origin = request.getHeader("origin");
    var authority = request.authority();
    return site != null
        ? site.equals("same-origin") && !"null".equals(origin)
        : origin == null
            || authority != null
                && origin.replaceFirst("^https?://", "").equals(authority.toString());
  }
}
