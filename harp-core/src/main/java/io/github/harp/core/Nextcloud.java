// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import io.vertx.core.Future;
import java.util.Optional;

/**
 * What Nextcloud knows: its ExApps, and who a caller is. Implementations do not cache; the
 * gatekeeper does.
 *
 * <p>Both methods fail with a {@link HarpException} whose code says whether Nextcloud was
 * unreachable, too slow or said something unexpected.
 */
public interface Nextcloud {

  /** The ExApp with this id; empty when Nextcloud does not know it. */
  Future<Optional<ExApp>> exApp(AppId appId);

  /**
   * Who sends this request, judged by its cookies and {@code Authorization}; empty when Nextcloud
   * refuses to say (an anonymous caller is {@link NcUser#ANONYMOUS}, which is an answer).
   */
  Future<Optional<NcUser>> user(AppId appId, RequestHead request);
}
