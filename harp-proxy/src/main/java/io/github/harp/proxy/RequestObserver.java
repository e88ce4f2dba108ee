// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.notice.Tracing;

/**
 * Is told of each request when it is over: logs and metrics hang here. Called on an event loop;
 * must not block.
 */
@FunctionalInterface
public interface RequestObserver {

  void finished(RequestRecord request);

  /** What follows each request on its way. */
  default Tracing tracing() {
    return Tracing.NONE;
  }

  /** One that wants to know nothing. */
  static RequestObserver none() {
    return request -> {};
  }

  /** Tells both, the other one even when this one fails; this one's tracing comes first. */
  default RequestObserver and(RequestObserver other) {
    var first = this;
    return new RequestObserver() {
      @Override
      public void finished(RequestRecord request) {
        try {
          first.finished(request);
        } finally {
          other.finished(request);
        }
      }

      @Override
      public Tracing tracing() {
        return first.tracing().isOn() ? first.tracing() : other.tracing();
      }
    };
  }
}
