// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.observe;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.decision.Reason;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.RequestRecord;
import io.github.harp.proxy.RequestRecord.Failure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the proxy's event loops rely on when they tell of a request. */
public abstract class RequestObserverContract {

  private static final int LOOPS = 4;
  private static final int REQUESTS = 250;

  /** The one under test. */
  protected abstract RequestObserver observer();

  static Stream<RequestRecord> records() {
    var forward = FinishedRequests.toApp("app", AccessLevel.USER);
    var refusal = FinishedRequests.refused(403, Reason.LEVEL_TOO_LOW, true);
    return Stream.concat(
        Stream.of(
            FinishedRequests.of(forward, 200, null),
            FinishedRequests.of(forward, 101, null),
            FinishedRequests.of(refusal, 403, null),
            FinishedRequests.of(refusal, 0, null),
            FinishedRequests.of(null, 400, null),
            undecided("", ""),
            undecided("G\u0000T\r\n", "/\u001b[31m" + "%".repeat(100_000))),
        Stream.of(Failure.Kind.values())
            .flatMap(
                kind ->
                    Stream.of(
                        FinishedRequests.of(forward, 503, new Failure(kind, "words")),
                        FinishedRequests.of(null, 0, new Failure(kind, "")))));
  }

  /** One that ended before anything was known of it. */
  private static RequestRecord undecided(String method, String path) {
    return new RequestRecord(
        "x".repeat(128),
        "HTTP/2",
        method,
        path,
        null,
        null,
        FinishedRequests.PROXY,
        0,
        false,
        null,
        null,
        Duration.ZERO,
        null,
        Duration.ZERO,
        0,
        Long.MAX_VALUE);
  }

  @ParameterizedTest
  @MethodSource("records")
  void takesWhateverHasEnded(RequestRecord request) {
    assertThatCode(() -> observer().finished(request)).doesNotThrowAnyException();
  }

  @Test
  void severalLoopsTellAtOnce() {
    var observer = observer();
    var records = records().toList();

    var loops =
        IntStream.range(0, LOOPS)
            .mapToObj(loop -> CompletableFuture.runAsync(() -> tell(observer, records)))
            .toList();

    assertThatCode(() -> loops.forEach(CompletableFuture::join)).doesNotThrowAnyException();
  }

  private static void tell(RequestObserver observer, List<RequestRecord> records) {
    for (int i = 0; i < REQUESTS; i++) {
      observer.finished(records.get(i % records.size()));
    }
  }
}
