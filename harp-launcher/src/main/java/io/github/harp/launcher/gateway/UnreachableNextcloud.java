// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.HarpException;
import io.github.harp.core.NcUser;
import io.github.harp.core.Nextcloud;
import io.github.harp.core.RequestHead;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * For a URL that is none: the original starts with it, too, and serves what Nextcloud pushes.
 *
 * @param setting that gave the URL
 * @param why what is wrong with it
 */
record UnreachableNextcloud(String setting, String why) implements Nextcloud {

  @Override
  public Future<Optional<ExApp>> exApp(AppId appId) {
    return failed();
  }

  @Override
  public Future<Optional<NcUser>> user(AppId appId, RequestHead request) {
    return failed();
  }

  private <T> Future<T> failed() {
    return Future.failedFuture(
        new HarpException(HarpException.Code.UNREACHABLE, setting + ": " + why));
  }
}
