// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.access.Gatekeeper;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import io.github.harp.core.path.ExAppPath;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.proxy.Explanation;
import io.github.harp.proxy.Explanation.Step;
import io.github.harp.proxy.Supposition;
import io.github.harp.proxy.forward.head.ForwardedHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Says what would become of a request: the gatekeeper decides as always, but nobody is counted, and
 * nothing is sent to an ExApp. Nextcloud may be asked for the ExApp's record.
 */
public final class Explainer {

  private static final String SESSION = "oc_sessionPassphrase=supposed";

  private final Gatekeeper gatekeeper;
  private final Function<Instance, Upstreams> upstreams;

  public Explainer(Gatekeeper gatekeeper, Function<Instance, Upstreams> upstreams) {
    this.gatekeeper = gatekeeper;
    this.upstreams = upstreams;
  }

  /**
   * Completes when all is known; never fails because of the request or of Nextcloud.
   *
   * @param executor where to go on after a wait
   */
  public Future<Explanation> explain(Supposition supposed, Executor executor) {
    var request =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.valueOf(supposed.method()), supposed.path());
    if (!supposed.host().isEmpty()) {
      request.headers().set(HttpHeaderNames.HOST, supposed.host());
    }
    var whom = gatekeeper.instances().of(head(supposed, request.headers()));
    return authenticate(request.headers(), supposed, whom)
        .compose(ready -> decide(supposed, request, whom, executor));
  }

  private static NettyRequestHead head(Supposition supposed, HttpHeaders headers) {
    return new NettyRequestHead(
        supposed.method(), supposed.path(), supposed.query(), headers, supposed.client());
  }

  /** What the sender would show; AppAPI names where the ExApp of its record is. */
  private static Future<Void> authenticate(
      HttpHeaders headers, Supposition supposed, Instance whom) {
    if (!supposed.sender().isAppApi()) {
      if (!supposed.sender().user().equals(NcUser.ANONYMOUS)) {
        headers.set(HttpHeaderNames.COOKIE, SESSION);
      }
      return Future.succeededFuture();
    }
    headers.set(AppApiHeaders.HARP_SHARED_KEY, whom.key().reveal());
    var target = ExAppPath.find(supposed.path(), whom.folder());
    return target == null || target.isOrder() || target.appId().isEmpty()
        ? Future.succeededFuture()
        : whom.records()
            .get(target.appId().get())
            .transform(
                found -> {
                  if (found.succeeded()) {
                    found
                        .result()
                        .ifPresent(
                            exApp -> AppApiHeaders.signed(whom.key(), exApp).forEach(headers::set));
                  }
                  return Future.succeededFuture();
                });
  }

  private Future<Explanation> decide(
      Supposition supposed, HttpRequest request, Instance whom, Executor executor) {
    var trace = new ToldSteps();
    return gatekeeper
        .supposing(whom, supposed.sender().user(), trace)
        .decide(head(supposed, request.headers()), executor)
        .compose(
            verdict -> {
              trace.decided(verdict);
              return verdict
                  .decision()
                  .forward()
                  .map(forward -> forwarded(whom, verdict, forward, request, trace.steps()))
                  .orElseGet(
                      () ->
                          Future.succeededFuture(
                              new Explanation(trace.steps(), verdict, List.of())));
            });
  }

  private Future<Explanation> forwarded(
      Instance whom,
      Verdict verdict,
      Decision.Forward forward,
      HttpRequest request,
      List<Step> steps) {
    ForwardedHeaders.toExApp(request, forward, null, "(new for each request)");
    return upstreams
        .apply(whom)
        .locate(forward.exApp())
        .map(Object::toString)
        .otherwise(failure -> "none: " + HarpException.reasonOf(failure))
        .map(
            upstream -> {
              var all = new ArrayList<>(steps);
              all.add(new Step("upstream", upstream));
              return new Explanation(all, verdict, lines(request.headers(), forward));
            });
  }

  /** Those that are made here; the others pass as they are sent. */
  private static List<String> lines(HttpHeaders headers, Decision.Forward forward) {
    headers.remove(HttpHeaderNames.COOKIE);
    headers.set(
        AppApiHeaders.AUTHORIZATION_APP_API,
        "(Base64 of the user '" + forward.userId() + "', a colon and the ExApp's secret)");
    var lines = new ArrayList<String>();
    headers.forEach(header -> lines.add(header.getKey() + ": " + header.getValue()));
    return lines;
  }
}
