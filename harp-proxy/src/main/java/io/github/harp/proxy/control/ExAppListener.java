// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.AppId;

/**
 * Is told when AppAPI takes an ExApp out of service, so that what is still open to it (WebSockets,
 * event streams) can be closed. Called on any thread; must not block.
 */
@FunctionalInterface
public interface ExAppListener {

  /** An ExApp is to be reached no more. */
  void forgotten(AppId appId);

  /** One that does nothing. */
  static ExAppListener none() {
    return appId -> {};
  }
}
