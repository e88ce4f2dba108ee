// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.github.harp.core.AppId;
import io.github.harp.core.decision.Verdict;
import io.github.harp.core.instance.Instance;
import java.util.Optional;

/**
 * An ExApp that is to be reached no more.
 *
 * @param of whose it is: another Nextcloud may have one of this name
 * @param id which of that Nextcloud's; empty for whatever of it is reached
 */
public record LostExApp(Instance of, Optional<AppId> id) {

  /** For logs. */
  String why() {
    return id.isEmpty() ? "its Nextcloud is served no more" : "the ExApp was taken out of service";
  }

  boolean isReachedBy(Verdict verdict) {
    return verdict.instance().equals(of)
        && (id.isEmpty() || verdict.decision().forward().map(to -> to.exApp().id()).equals(id));
  }
}
