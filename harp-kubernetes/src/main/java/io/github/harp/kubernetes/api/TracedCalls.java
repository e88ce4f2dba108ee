// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.github.harp.core.notice.Tracing;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Follows each call until its answer begins. Of one that gets none the client says nothing where it
 * does not try again, so it is not told: its order is. Thread-safe.
 */
final class TracedCalls implements Interceptor {

  /** More than can be under way; those that nobody hears of again go first. */
  private static final int MOST = 1_000;

  private final Tracing tracing;
  private final Cache<String, Tracing.Step> underWay =
      Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

  TracedCalls(Tracing tracing) {
    this.tracing = tracing;
  }

  @Override
  public void before(BasicBuilder head, HttpRequest request, RequestTags tags) {
    var step = tracing.question("cluster call", null);
    step.say("harp.place", "cluster");
    step.say("http.request.method", request.method());
    step.say("url.path", request.uri().getPath());
    var name = step.traceparent();
    if (name != null) {
      underWay.put(name, step);
      head.setHeader(Tracing.TRACEPARENT, name);
    }
  }

  @Override
  public void after(
      HttpRequest request, HttpResponse<?> answer, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
    for (var name : request.headers(Tracing.TRACEPARENT)) {
      var step = underWay.asMap().remove(name);
      if (step != null) {
        step.say("http.response.status_code", String.valueOf(answer.code()));
        step.end();
      }
    }
  }
}
