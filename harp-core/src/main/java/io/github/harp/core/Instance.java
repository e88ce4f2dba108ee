// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.key.HmacTunnelTokens;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.key.TunnelTokens;
import io.github.harp.core.records.CachedExAppRecords;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.session.Sessions;
import java.time.Duration;

/**
 * One Nextcloud, and what is known of it: what its AppAPI shows, its ExApps, its users.
 * Thread-safe.
 *
 * @param name for logs; where there is one only, its URL
 * @param key what its AppAPI and its engines show
 * @param folder of its URL, {@code /nextcloud}, which may stand before {@code /exapps/}; empty for
 *     none
 * @param nextcloud answers what is not known yet
 * @param tokens what its ExApps dial in with
 */
public record Instance(
    String name,
    SharedKey key,
    String folder,
    Nextcloud nextcloud,
    ExAppRecords records,
    Sessions sessions,
    TunnelTokens tokens) {

  /** How long the product keeps what Nextcloud says of a session. */
  public static final Duration SESSION_LIFETIME = Duration.ofSeconds(3);

  /** One in no folder whose answers are kept as the product does: sessions for three seconds. */
  public static Instance of(SharedKey key, Nextcloud nextcloud, Ticker time) {
    return new Instance(
        "nextcloud",
        key,
        "",
        nextcloud,
        new CachedExAppRecords(nextcloud, time),
        new Sessions(nextcloud, SESSION_LIFETIME, time),
        new HmacTunnelTokens(key));
  }

  @Override
  public String toString() {
    return name;
  }
}
