// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.AppId;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;

/**
 * An ExApp that is to be reached no more.
 *
 * @param of whose it is: another Nextcloud may have one of this name
 */
public record LostExApp(Instance of, AppId id) {

  boolean isReachedBy(Verdict verdict) {
    return verdict.instance().equals(of)
        && verdict.decision().forward().filter(to -> to.exApp().id().equals(id)).isPresent();
  }
}
