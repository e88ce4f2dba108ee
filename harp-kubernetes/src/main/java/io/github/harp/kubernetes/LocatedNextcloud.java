// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.vertx.core.Future;
import java.util.Optional;

/** A Nextcloud whose ExApps may run in a cluster, which knows better where. */
record LocatedNextcloud(Nextcloud nextcloud, KubernetesCluster cluster) implements Nextcloud {

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    return nextcloud
        .exApp(appId)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(found)
                    : cluster.located(found.get()).map(Optional::of));
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return nextcloud.user(appId, request);
  }
}
