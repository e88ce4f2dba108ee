// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.notice.Tracing;
import io.github.harp.proxy.RequestRecord;

/**
 * What is said of a request that was followed: as much as in its line of the log, without names.
 */
final class RequestSteps {

  private RequestSteps() {}

  static void end(Tracing.Step whole, RequestRecord request) {
    if (whole == Tracing.Step.NONE) {
      return;
    }
    whole.say("http.request.method", request.method());
    whole.say("url.path", request.path());
    whole.say("http.response.status_code", String.valueOf(request.status()));
    whole.say("harp.request_id", request.id());
    var verdict = request.verdict();
    if (verdict != null) {
      whole.say("harp.decision", verdict.decision().label());
      whole.say("harp.reason", verdict.reason().name());
      verdict.decision().forward().ifPresent(to -> whole.say("harp.exapp", to.exApp().id().text()));
    }
    var upstream = request.upstream();
    if (upstream != null) {
      whole.say("harp.upstream", upstream);
    }
    var failure = request.failure();
    if (failure != null) {
      whole.say("error.type", failure.kind().toString());
      whole.failed(failure.message());
    } else if (request.status() >= 500) {
      whole.failed("status " + request.status());
    }
    whole.end();
  }
}
