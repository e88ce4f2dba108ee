// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The upgraded connections of one event loop: they outlive every decision, so they have to be found
 * to be ended.
 */
public final class OpenUpgrades {

  private final Set<UpgradeRelay> relays = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile int count;

  OpenUpgrades() {}

  void add(UpgradeRelay relay) {
    relays.add(relay);
    count = relays.size();
  }

  void remove(UpgradeRelay relay) {
    relays.remove(relay);
    count = relays.size();
  }

  /** How many there are; from any thread. */
  public int count() {
    return count;
  }

  /** Ends those to one ExApp; on the event loop. */
  public void closeThoseTo(String appId) {
    for (var relay : new ArrayList<>(relays)) {
      if (relay.leadsTo(appId)) {
        relay.endOutOfService();
      }
    }
  }
}
