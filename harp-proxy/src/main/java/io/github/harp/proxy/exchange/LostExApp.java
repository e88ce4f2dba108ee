// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.AppId;
import io.github.harp.core.Instance;
import io.github.harp.core.access.Decision;

/**
 * An ExApp that is to be reached no more.
 *
 * @param of whose it is: another Nextcloud may have one of this name
 */
public record LostExApp(Instance of, AppId id) {

  boolean isReachedBy(Decision.Forward forward) {
    return forward.instance().equals(of) && forward.exApp().id().equals(id);
  }
}
