// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.vertx.core.Future;
import java.util.Optional;

/** Knows one user, whoever asks. */
record SupposedVisitor(NcUser visitor) implements Nextcloud {

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    return Future.succeededFuture(Optional.empty());
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return Future.succeededFuture(Optional.of(visitor));
  }
}
