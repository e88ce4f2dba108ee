// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.ExApp;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.notice.Tracing;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.RequestRecord.Failure;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is to say of a request so far; its {@link RequestRecord} is made of it. */
public final class Account {

  private static final Logger LOG = LoggerFactory.getLogger(Account.class);

  private String id;
  private final RequestObserver observer;
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
  private Tracing.Step whole = Tracing.Step.NONE;
  private Tracing.Step now = Tracing.Step.NONE;

  /**
   * @param id what it is called, unless it has been named already
   * @param observer told of it in the end
   */
  public Account(String id, RequestObserver observer) {
    this.id = id;
    this.observer = observer;
  }

  /** What it is called everywhere. */
  public String id() {
    return id;
  }

  /** Somebody who may has given it a name before. */
  public void named(String earlier) {
    id = earlier;
  }

  /** What may follow it. */
  public Tracing tracing() {
    return observer.tracing();
  }

  /** It is followed from now on. */
  public void follow(Tracing.Step step) {
    whole = step;
  }

  /** What is done for it until now ends, and something else begins. */
  public Tracing.Step enter(String step) {
    now.end();
    now = whole.begin(step);
    return now;
  }

  boolean isDecided() {
    return verdict != null;
  }

  Optional<Verdict> verdict() {
    return Optional.ofNullable(verdict);
  }

  /**
   * Whose it is: of whom it was judged, and before that the other end of its connection.
   *
   * @param peer the latter
   */
  public InetAddress caller(InetAddress peer) {
    return verdict == null ? peer : verdict.client();
  }

  /** Whether this address was judged: the other end of the connection, when no proxy is between. */
  boolean isAbout(InetAddress address) {
    return verdict().filter(it -> it.client().equals(address)).isPresent();
  }

  /** The ExApp that it is sent to; empty for anything else. */
  public Optional<ExApp> exApp() {
    return verdict().flatMap(decided -> decided.decision().forward()).map(Decision.Forward::exApp);
  }

  void decided(Verdict result) {
    verdict = result;
    decidedAt = System.nanoTime();
  }

  public void servedBy(String name) {
    upstream = name;
  }

  /** The first failure is the cause of all others. */
  public void failed(Failure why) {
    if (failure == null) {
      failure = why;
    }
  }

  /** Whether the final answer has begun. */
  public boolean isAnswered() {
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

  /** Those that have passed in both directions. */
  public long bytes() {
    return bytesIn + bytesOut;
  }

  /** Tells it; there is nothing more to say. */
  void close(ClientStream stream, HttpRequest request, String path) {
    try {
      var record = record(stream, request, path);
      now.end();
      RequestSteps.end(whole, record);
      observer.finished(record);
    } catch (RuntimeException e) {
      LOG.error("an observer of requests failed; the request is not affected", e);
    }
  }

  private RequestRecord record(ClientStream stream, HttpRequest request, String path) {
    long now = System.nanoTime();
    return new RequestRecord(
        id,
        stream.answers().protocol(),
        request.method().name(),
        path,
        request.headers().get(HttpHeaderNames.HOST),
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
