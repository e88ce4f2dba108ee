// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.notice.Tracing;
import io.github.harp.proxy.json.JsonFields;
import io.github.harp.proxy.question.QuestionClient;
import io.github.harp.proxy.question.QuestionLimits;
import io.github.harp.proxy.question.QuestionLimits.LongAnswers;
import io.github.harp.proxy.question.TimeLeft;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a real Nextcloud through AppAPI's HTTP end-points.
 *
 * <p>Connections are pooled by the address that Nextcloud's name has now. Cookies are not kept,
 * proxies of the environment are not used, and no redirect is followed but one that asks for
 * nothing else than TLS on the same host: whoever is redirected to gets the shared key. Answers are
 * read on an event loop of its own. Thread-safe; futures complete on any thread.
 */
public final class NextcloudClient implements Nextcloud {

  /** Not logged in, an ExApp that has just gone, cookies that fail Nextcloud's check. */
  private static final Set<Integer> NO_USER = Set.of(401, 404, 412);

  private static final Logger LOG = LoggerFactory.getLogger(NextcloudClient.class);

  private static final QuestionLimits LIMITS =
      new QuestionLimits(
          Duration.ofSeconds(5), Duration.ofSeconds(25), 100, 1000, 1 << 20, LongAnswers.FAIL);

  private final QuestionClient questions;
  private final SharedKey sharedKey;
  private final QuestionLimits limits;
  private volatile NextcloudAddress address;
  private volatile boolean keyWasRight;
  private volatile Tracing tracing = Tracing.NONE;

  NextcloudClient(
      Vertx vertx,
      HostNames names,
      NextcloudAddress address,
      SharedKey sharedKey,
      QuestionLimits limits,
      @Nullable TrustOptions trust) {
    this.address = address;
    this.sharedKey = sharedKey;
    this.limits = limits;
    this.questions = new QuestionClient(vertx, names, limits, trust);
  }

  /**
   * A client that finds Nextcloud by the host's names.
   *
   * @param vertx stays open when this is closed
   * @param names stay open when this is closed
   * @param trust null for the certificate authorities of the Java runtime
   */
  public static NextcloudClient with(
      Vertx vertx,
      HostNames names,
      NextcloudAddress address,
      SharedKey sharedKey,
      @Nullable TrustOptions trust) {
    return new NextcloudClient(vertx, names, address, sharedKey, LIMITS, trust);
  }

  /** The same one, whose questions are followed from now on. */
  public NextcloudClient followedBy(Tracing value) {
    tracing = value;
    return this;
  }

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    var headers = MultiMap.caseInsensitiveMultiMap().set("user-agent", "HaRP");
    return call("exapp-meta", appId, headers).map(answer -> readExApp(appId, answer));
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return call("user-info", appId.inLowerCase(), CallerHeaders.of(request))
        .map(NextcloudClient::readUser);
  }

  /** Closes the connections; calls under way fail. */
  public Future<Void> close() {
    return questions.close();
  }

  /**
   * AppAPI says the same about an ExApp that it does not know and about a key that is not right. If
   * the key has never been, it probably is not, and no visitor is to blame.
   */
  private Optional<ExApp> readExApp(AppId id, NextcloudAnswer answer) {
    var isRefusal = answer.status() == 401 || answer.status() == 404;
    if (isRefusal && answer.message().isPresent() && (keyWasRight || !answer.isAboutKey())) {
      LOG.info("{}: found status {}: no ExApp '{}'", answer.call(), answer.status(), id);
      return Optional.empty();
    }
    if (!answer.isSuccess()) {
      throw answer.unexpectedStatus();
    }
    var json = answer.json();
    try {
      var exApp = ExAppMetadata.read(id, json);
      keyWasRight = true;
      return Optional.of(exApp);
    } catch (HarpException violation) {
      throw answer.malformed(violation);
    }
  }

  /**
   * The ExApp is one that Nextcloud knew a moment ago: a word about the key is meant. With 403 and
   * the rest of 4xx neither AppAPI nor Nextcloud's login speaks of a user, but gateways do, also in
   * JSON with a message.
   */
  private static Optional<NcUser> readUser(NextcloudAnswer answer) {
    var isRefusal = NO_USER.contains(answer.status());
    if (isRefusal && answer.message().isPresent() && !answer.isAboutKey()) {
      return Optional.empty();
    }
    if (!answer.isSuccess()) {
      throw answer.unexpectedStatus();
    }
    var json = answer.json();
    try {
      return Optional.of(user(json));
    } catch (HarpException violation) {
      throw answer.malformed(violation);
    }
  }

  /**
   * What an ExApp is told ends an id at its first colon, so that one with a colon would be somebody
   * else there. Nextcloud gives nobody such an id.
   */
  private static NcUser user(JsonFields json) {
    var id = json.string("user_id", "");
    var level = ExAppMetadata.level(json);
    if (id.chars().anyMatch(each -> each == ':' || Character.isISOControl(each))) {
      throw json.violation("user_id", "expected no colon or control character, found one");
    }
    if (id.isEmpty() && level != AccessLevel.PUBLIC) {
      throw json.violation("user_id", "expected an id with level " + level + ", found none");
    }
    return new NcUser(id, level);
  }

  private Future<NextcloudAnswer> call(String name, AppId appId, MultiMap headers) {
    var step = tracing.question("nextcloud " + name, headers.get(Tracing.TRACEPARENT));
    var parent = step.traceparent();
    if (parent != null) {
      headers.set(Tracing.TRACEPARENT, parent);
    }
    return asked(name, appId, headers).onComplete(answer -> end(step, answer));
  }

  private static void end(Tracing.Step step, AsyncResult<NextcloudAnswer> answer) {
    if (answer.failed()) {
      step.failed(HarpException.reasonOf(answer.cause()));
    } else {
      step.say("http.response.status_code", String.valueOf(answer.result().status()));
    }
    step.end();
  }

  private Future<NextcloudAnswer> asked(String name, AppId appId, MultiMap headers) {
    headers
        .set(AppApiHeaders.HARP_SHARED_KEY, sharedKey.reveal())
        .set("accept", "application/json");
    var deadline = new TimeLeft(limits.total());
    var target = address;
    return ask(target, name, appId, headers, deadline)
        .compose(
            answer -> {
              var secured =
                  answer.isRedirect()
                      ? target.secured(target.endpoint(name, appId), answer.location())
                      : Optional.<NextcloudAddress>empty();
              if (secured.isEmpty()) {
                return Future.succeededFuture(answer);
              }
              secure(target, secured.get());
              return ask(secured.get(), name, appId, headers, deadline);
            });
  }

  private synchronized void secure(NextcloudAddress target, NextcloudAddress secured) {
    if (address.equals(target)) {
      address = secured;
      LOG.warn(
          "Nextcloud at {} wants TLS: using {} from now on; put that into {}, the shared key"
              + " travelled in clear once",
          target,
          secured,
          target.setting());
    }
  }

  private Future<NextcloudAnswer> ask(
      NextcloudAddress target, String name, AppId appId, MultiMap headers, TimeLeft deadline) {
    var call = "Nextcloud at " + target + ", " + name;
    var question = target.question(target.endpoint(name, appId), headers);
    return questions
        .ask(question, deadline.remaining())
        .recover(
            failure ->
                failure instanceof HttpClosedException
                    ? questions.ask(question, deadline.remaining())
                    : Future.failedFuture(failure))
        .recover(failure -> Future.failedFuture(CallFailure.explain(call, failure, limits)))
        .map(answer -> NextcloudAnswer.of(call, target.setting(), answer));
  }
}
