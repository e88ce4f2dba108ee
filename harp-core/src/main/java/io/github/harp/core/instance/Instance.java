// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.InstanceName;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.session.Sessions;
import java.time.Duration;
import java.util.UUID;

/**
 * One Nextcloud, and what is known of it: what its AppAPI shows, its ExApps, its users. Equal to
 * nothing but itself. Thread-safe.
 *
 * @param key what its AppAPI and its engines show
 * @param folder of its URL, {@code /nextcloud}, which may stand before {@code /exapps/}; empty for
 *     none
 * @param nextcloud answers what is not known yet
 * @param tokens what its ExApps dial in with
 * @param bans who may not ask it for anything
 */
public record Instance(
    InstanceName name,
    SharedKey key,
    String folder,
    Nextcloud nextcloud,
    ExAppRecords records,
    Sessions sessions,
    TunnelTokens tokens,
    Bans bans) {

  /** How long the product keeps what Nextcloud says of a session. */
  public static final Duration SESSION_LIFETIME = Duration.ofSeconds(3);

  /** One in no folder whose answers are kept as the product does: sessions for three seconds. */
  public static Instance of(SharedKey key, Nextcloud nextcloud, Bans bans, Ticker time) {
    return of(InstanceName.FIRST, key, nextcloud, bans, time);
  }

  /** Whose requests for a host are that no Nextcloud has: no key and no credential is its own. */
  static Instance nobody(Bans bans, Ticker time) {
    return of(
        InstanceName.NOBODY, SharedKey.of(UUID.randomUUID().toString()), new Nobody(), bans, time);
  }

  private static Instance of(
      InstanceName name, SharedKey key, Nextcloud nextcloud, Bans bans, Ticker time) {
    return new Instance(
        name,
        key,
        "",
        nextcloud,
        new CachedExAppRecords(nextcloud, time),
        new Sessions(nextcloud, SESSION_LIFETIME, time),
        new HmacTunnelTokens(key),
        bans);
  }

  /** The same where everybody who shows a session is this one, whatever Nextcloud says. */
  public Instance visitedBy(NcUser visitor) {
    var sessions = new Sessions(new SupposedVisitor(visitor), Duration.ZERO, () -> 0);
    return new Instance(name, key, folder, nextcloud, records, sessions, tokens, bans);
  }

  /** How the names of its ExApps' containers and volumes begin. */
  public String containers() {
    return name.containers();
  }

  /** Whether it stands for hosts that no Nextcloud has. */
  public boolean isNobody() {
    return nextcloud instanceof Nobody;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return name.text();
  }
}
