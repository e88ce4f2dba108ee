// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.ban;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.InstanceName;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;

/**
 * The failures that are counted, apart, since many parties may share one address: a user's must not
 * stop deployments or tunnels.
 *
 * @param users failures in traffic to ExApps
 * @param orders failures of callers of the control API and of engines
 * @param tunnels refused logins of tunnel clients
 * @param bySites answers to requests that other websites made browsers send: they ban from nothing
 *     but further such requests to routes that count answers
 */
public record Bans(Failures users, Failures orders, Failures tunnels, Failures bySites) {

  /** The name of {@link #orders}. */
  public static final String ORDERS = "orders";

  /** The name of {@link #bySites}. */
  public static final String SITES = "sites";

  /** How many failures ban an address, in the product. */
  public static final int COUNT = 10;

  /** Within which time they do. */
  public static final Duration WINDOW = Duration.ofMinutes(5);

  /** Empty lists with the product's limits. */
  public static Bans of(Ticker ticker) {
    return of(COUNT, WINDOW, ticker);
  }

  /** Empty lists with the same limits. */
  public static Bans of(int count, Duration window, Ticker ticker) {
    return new Bans(
        new BanList("users", count, window, ticker),
        new BanList(ORDERS, count, window, ticker),
        new BanList("tunnels", count, window, ticker),
        new BanList(SITES, count, window, ticker));
  }

  /**
   * The same for another Nextcloud: what users do there is counted apart. Orders and tunnels are
   * not, since a wrong key has been tried at all.
   *
   * @param name the other one's
   */
  public Bans beside(InstanceName name, int count, Duration window, Ticker ticker) {
    return new Bans(
        new BanList(name.mark(users.name()), count, window, ticker),
        orders,
        tunnels,
        new BanList(name.mark(SITES), count, window, ticker));
  }

  /** For how long one is to wait who is banned; at least a second. */
  public Duration waitOf(InetAddress client) {
    var longest =
        Collections.max(
            List.of(users.remaining(client), orders.remaining(client), bySites.remaining(client)));
    return longest.plusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
  }

  public List<Failures> all() {
    return List.of(users, orders, tunnels, bySites);
  }
}
