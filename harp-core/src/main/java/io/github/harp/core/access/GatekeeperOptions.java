// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.notice.SeldomNotices;

/**
 * What a gatekeeper does beside deciding.
 *
 * @param wrongKeys hears of keys that are not ours
 * @param banAnswer which of the banned are told
 * @param notices what an administrator has been told of callers with the key
 * @param ownPages whether the gateway has pages at the public name
 */
public record GatekeeperOptions(
    WrongKeys wrongKeys, BanAnswer banAnswer, SeldomNotices notices, boolean ownPages) {

  /** Nobody hears of wrong keys, banned browsers are told, there are no pages. */
  public GatekeeperOptions() {
    this(WrongKeys.ignored(), BanAnswer.BROWSER, new SeldomNotices(Ticker.systemTicker()), false);
  }
}
