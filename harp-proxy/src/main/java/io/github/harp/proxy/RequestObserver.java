// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

/**
 * Is told of each request when it is over: logs and metrics hang here. Called on an event loop;
 * must not block.
 */
@FunctionalInterface
public interface RequestObserver {

  void finished(RequestRecord request);

  /** One that wants to know nothing. */
  static RequestObserver none() {
    return request -> {};
  }

  /** Tells both, the other one even when this one fails. */
  default RequestObserver and(RequestObserver other) {
    return request -> {
      try {
        finished(request);
      } finally {
        other.finished(request);
      }
    };
  }
}
