// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import io.github.harp.core.notice.Tracing;
import io.netty.handler.codec.http.HttpHeaders;

/** Tells whoever is asked next what it is a part of. */
public final class NextStep {

  private NextStep() {}

  /** Where nothing is followed, headers stay as they are. */
  public static void tell(HttpHeaders headers, Tracing.Step step) {
    var parent = step.traceparent();
    if (parent != null) {
      headers.set(Tracing.TRACEPARENT, parent);
    }
  }
}
