// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.HarpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What is answered, and logged, when an order fails. */
final class FailureAnswers {

  private static final Logger LOG = LoggerFactory.getLogger(FailureAnswers.class);
  private static final String RETRY_AFTER_SECONDS = "5";

  private FailureAnswers() {}

  static ControlAnswer of(ControlRequest request, Throwable failure) {
    if (failure instanceof HarpException known) {
      return of(request, known);
    }
    LOG.error("{} {} broke: this is a defect", request.head().method(), request.path(), failure);
    return ControlAnswer.text(500, "500: Internal Server Error; HaRP's log has the reason");
  }

  private static ControlAnswer of(ControlRequest request, HarpException failure) {
    int status = failure.code().statusOfOrder();
    // AppAPI asks for what may not be there as a matter of course.
    LOG.atLevel(status == 404 || status == 409 ? Level.INFO : Level.WARN)
        .log(
            "{} {} ended with {}: {}",
            request.head().method(),
            request.path(),
            status,
            failure.getMessage());
    var answer = ControlAnswer.text(status, failure.getMessage());
    return failure.code() == HarpException.Code.BUSY
        ? answer.with("retry-after", RETRY_AFTER_SECONDS)
        : answer;
  }
}
