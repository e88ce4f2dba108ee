// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.control;

import io.github.harp.core.AppId;
import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.runtime.ExAppRuntimes;
import io.github.harp.proxy.control.body.OrderBody;
import io.github.harp.proxy.nextcloud.ExAppMetadata;
import io.vertx.core.Future;

/** {@code /exapp_storage/<id>}: AppAPI tells which ExApps it enabled and disabled. */
final class ExAppStorage {

  private static final String PREFIX = "/exapp_storage/";

  private final ExAppRuntimes runtimes;

  ExAppStorage(ExAppRuntimes runtimes) {
    this.runtimes = runtimes;
  }

  void register(OrderRoutes routes) {
    routes
        .post(PREFIX + OrderRoutes.ANY_SEGMENT, this::put)
        .delete(PREFIX + OrderRoutes.ANY_SEGMENT, this::remove);
  }

  private Future<ControlAnswer> put(ControlRequest request) {
    var id = OrderBody.validated(() -> new AppId(id(request)));
    return runtimes
        .located(ExAppMetadata.read(id, OrderBody.of(request.body())))
        .map(
            exApp -> {
              request.instance().records().put(exApp);
              return ControlAnswer.noContent();
            });
  }

  private Future<ControlAnswer> remove(ControlRequest request) {
    return AppId.parse(id(request)).map(request.instance().records()::remove).orElse(false)
        ? Future.succeededFuture(ControlAnswer.noContent())
        : Future.failedFuture(
            new HarpException(Code.NOT_FOUND, "404: no record of this ExApp, nothing to remove"));
  }

  private static String id(ControlRequest request) {
    return request.path().substring(PREFIX.length());
  }
}
