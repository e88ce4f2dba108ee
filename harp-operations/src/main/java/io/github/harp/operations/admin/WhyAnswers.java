// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.IpAddresses;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.admin.door.Administrator;
import io.github.harp.operations.observe.RecentRequests.Decided;
import io.github.harp.operations.observe.RecentRequests.Remembered;
import io.github.harp.proxy.Explanation;
import io.github.harp.proxy.Supposition;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Why a request was decided the way it was, or would be. */
final class WhyAnswers {

  private static final int LONGEST = 300;
  private static final int MOST_OF_AN_ID = 20;
  private static final Set<String> REFUSALS = Set.of("refuse", "drop");

  private final GatewayView gateway;
  private final InsideGateway inside;

  WhyAnswers(GatewayView gateway, InsideGateway inside) {
    this.gateway = gateway;
    this.inside = inside;
  }

  /**
   * Answers to {@code id}, or to {@code url} with {@code method}, {@code as} and {@code from}.
   *
   * <p>Fails with a {@link HarpException} where it is not for this visitor.
   *
   * @throws IllegalArgumentException when it can't be answered; the message says why
   */
  Future<JsonObject> answer(MultiMap question, Administrator visitor) {
    var id = question.get("id");
    return id == null
        ? gateway.proxy().explain(supposition(question)).compose(it -> answer(it, visitor))
        : Future.succeededFuture(past(id, visitor));
  }

  private Future<JsonObject> answer(Explanation explanation, Administrator visitor) {
    return inside.sees(visitor, explanation.verdict().instance().name())
        ? Future.succeededFuture(json(explanation))
        : Future.failedFuture(
            new HarpException(
                HarpException.Code.BAD_REQUEST, "that would be a request to another Nextcloud"));
  }

  private static Supposition supposition(MultiMap question) {
    var url = question.get("url");
    if (url == null) {
      throw new IllegalArgumentException("found neither 'url' nor 'id', expected one of them");
    }
    return Supposition.of(
        Objects.requireNonNullElse(question.get("method"), "GET"),
        url,
        Objects.requireNonNullElse(question.get("as"), "anonymous"),
        Objects.requireNonNullElse(question.get("from"), "127.0.0.1"));
  }

  private JsonObject past(String id, Administrator visitor) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("found an empty 'id', expected at least its beginning");
    }
    var requests = new JsonArray();
    gateway.memory().recent().find(id, MOST_OF_AN_ID).stream()
        .filter(it -> isSeen(it, visitor))
        .forEach(it -> requests.add(json(it)));
    return new JsonObject().put("requests", requests);
  }

  /** Whose it was is not known of what could not be read. */
  private boolean isSeen(Remembered request, Administrator visitor) {
    return request
        .decided()
        .map(it -> inside.sees(visitor, it.nextcloud()))
        .orElseGet(() -> inside.seesAll(visitor));
  }

  private static JsonObject json(Explanation explanation) {
    var steps = new JsonArray();
    explanation
        .steps()
        .forEach(it -> steps.add(new JsonObject().put("what", it.what()).put("seen", it.seen())));
    return decided(explanation.verdict())
        .put("steps", steps)
        .put("headers", new JsonArray(explanation.headers()));
  }

  private static JsonObject decided(Verdict verdict) {
    return new JsonObject()
        .put("decision", verdict.decision().label())
        .put("status", verdict.decision() instanceof Decision.Refuse it ? it.status() : 0)
        .put("passes", !REFUSALS.contains(verdict.decision().label()))
        .put("reason", verdict.reason())
        .put("means", Meaning.of(verdict.reason()))
        .put("detail", verdict.decision().detail())
        .put("counted", verdict.counted());
  }

  /** What was decided about requests, and what came of them. */
  static JsonArray json(List<Remembered> requests) {
    var list = new JsonArray();
    requests.forEach(it -> list.add(json(it)));
    return list;
  }

  static JsonObject json(Remembered request) {
    var json =
        new JsonObject()
            .put("id", request.id())
            .put("ended", request.ended().toString())
            .put("method", Excerpt.of(request.method(), LONGEST))
            .put("path", Excerpt.of(request.path(), LONGEST))
            .put("client", IpAddresses.text(request.client()))
            .put("status", request.status())
            .put("upstream", request.upstream())
            .put("problem", Excerpt.of(request.problem(), LONGEST))
            .put("milliseconds", request.total().toMillis());
    request.decided().ifPresent(decided -> add(json, decided));
    return json;
  }

  private static void add(JsonObject json, Decided decided) {
    json.put("decision", decided.label())
        .put("reason", decided.reason())
        .put("means", Meaning.of(decided.reason()))
        .put("counted", decided.counted())
        .put("app", decided.app())
        .put("as", decided.sender());
  }
}
