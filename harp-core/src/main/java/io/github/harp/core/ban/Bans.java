// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;

/**
 * The ban lists. Three, since many parties may share one address: a user's failures must not stop
 * deployments or tunnels.
 *
 * @param users failures in traffic to ExApps
 * @param orders failures of callers of the control API and of engines
 * @param tunnels refused logins of tunnel clients
 */
public record Bans(BanList users, BanList orders, BanList tunnels) {

  /** Empty lists with the same limits. */
  public static Bans of(int count, Duration window, Ticker ticker) {
    return new Bans(
        new BanList("users", count, window, ticker),
        new BanList("orders", count, window, ticker),
        new BanList("tunnels", count, window, ticker));
  }

  public List<BanList> all() {
    return List.of(users, orders, tunnels);
  }
}
