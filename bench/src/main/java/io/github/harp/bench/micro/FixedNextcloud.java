// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.micro;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.vertx.core.Future;
import java.util.Optional;

/** Knows one ExApp and takes every caller for the same user; answers at once. */
record FixedNextcloud(ExApp only) implements Nextcloud {

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    return Future.succeededFuture(Optional.of(only));
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return Future.succeededFuture(Optional.of(new NcUser("alice", AccessLevel.USER)));
  }
}
