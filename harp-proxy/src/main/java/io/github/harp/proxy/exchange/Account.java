// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.access.Verdict;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.RequestRecord.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is to say of a request so far; its {@link RequestRecord} is made of it. */
final class Account {

  private static final Logger LOG = LoggerFactory.getLogger(Account.class);

  private final long id;
  private final long startedAt = System.nanoTime();
  private @Nullable Verdict verdict;
  private @Nullable String upstream;
  private @Nullable Failure failure;
  private long decidedAt;
  private long answeredAt;
  private long bytesIn;
  private long bytesOut;
  private int status;
  private boolean upgraded;

  Account(long id) {
    this.id = id;
  }

  @Nullable Verdict verdict() {
    return verdict;
  }

  void decided(Verdict result) {
    verdict = result;
    decidedAt = System.nanoTime();
  }

  void servedBy(String name) {
    upstream = name;
  }

  /** The first failure is the cause of all others. */
  void failed(Failure why) {
    if (failure == null) {
      failure = why;
    }
  }

  /** Whether the final answer has begun. */
  boolean isAnswered() {
    return status != 0;
  }

  void answered(int withStatus) {
    status = withStatus;
    answeredAt = System.nanoTime();
  }

  void upgraded(int withStatus) {
    answered(withStatus);
    upgraded = true;
  }

  void passed(long fromClient, long toClient) {
    bytesIn += fromClient;
    bytesOut += toClient;
  }

  /** In both directions. */
  long bytes() {
    return bytesIn + bytesOut;
  }

  /** Tells it; there is nothing more to say. */
  void close(RequestObserver observer, ClientStream stream, String method, String path) {
    try {
      observer.finished(record(stream, method, path));
    } catch (RuntimeException e) {
      LOG.error("an observer of requests failed; the request is not affected", e);
    }
  }

  private RequestRecord record(ClientStream stream, String method, String path) {
    long now = System.nanoTime();
    return new RequestRecord(
        id,
        stream.answers().protocol(),
        method,
        path,
        verdict,
        stream.client().peer(),
        status,
        upgraded,
        upstream,
        failure,
        Duration.ofNanos(decidedAt == 0 ? 0 : decidedAt - startedAt),
        answeredAt == 0 ? null : Duration.ofNanos(answeredAt - startedAt),
        Duration.ofNanos(now - startedAt),
        bytesIn,
        bytesOut);
  }
}
