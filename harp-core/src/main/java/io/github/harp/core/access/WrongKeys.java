// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import java.net.InetAddress;

/** Hears of keys that are not ours. Called on event loops for every one of them: must not block. */
@FunctionalInterface
public interface WrongKeys {

  /**
   * Somebody has shown a key where only the right one opens.
   *
   * @param presented what was shown; secret, since it may be the right key of another gateway
   */
  void shown(InetAddress client, String presented);

  /** Hears nothing. */
  static WrongKeys ignored() {
    return (client, presented) -> {};
  }
}
