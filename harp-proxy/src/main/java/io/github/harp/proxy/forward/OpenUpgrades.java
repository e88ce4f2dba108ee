// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import io.github.harp.core.AppId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The upgraded connections: they outlive every decision, so they have to be found to be ended.
 * Thread-safe; one for all event loops.
 */
public final class OpenUpgrades {

  private final Set<UpgradeRelay> relays = ConcurrentHashMap.newKeySet();

  void add(UpgradeRelay relay) {
    relays.add(relay);
  }

  void remove(UpgradeRelay relay) {
    relays.remove(relay);
  }

  /** How many there are. */
  public int count() {
    return relays.size();
  }

  /** Ends those to one ExApp. */
  public void closeThoseTo(AppId appId) {
    relays.stream().filter(it -> it.leadsTo(appId)).forEach(UpgradeRelay::endOutOfService);
  }
}
