// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/**
 * A Nextcloud whose ExApps may run where somebody else knows better how they are reached.
 *
 * @param located the ExApp, where it is reached
 */
public record LocatedNextcloud(Nextcloud nextcloud, Function<ExApp, Future<ExApp>> located)
    implements Nextcloud {

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    return nextcloud
        .exApp(appId)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(found)
                    : located.apply(found.get()).map(Optional::of));
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return nextcloud.user(appId, request);
  }
}
