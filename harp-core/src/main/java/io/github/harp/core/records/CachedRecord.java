// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.records;

import io.github.harp.core.ExApp;
import io.vertx.core.Future;
import java.util.Optional;

/** A record, the answer that it gives, and when it is to be asked for again. */
final class CachedRecord {
  private final ExApp exApp;
  private final Future<Optional<ExApp>> answer;
  private volatile long dueAt;

  CachedRecord(ExApp exApp, long dueAt) {
    this.exApp = exApp;
    this.answer = Future.succeededFuture(Optional.of(exApp));
    this.dueAt = dueAt;
  }

  ExApp exApp() {
    return exApp;
  }

  Future<Optional<ExApp>> answer() {
    return answer;
  }

  boolean isDue(long now) {
    return now - dueAt >= 0;
  }

  void dueAt(long nanos) {
    dueAt = nanos;
  }
}
