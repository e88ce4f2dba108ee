// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration.Listeners;
import io.github.harp.operations.GatewayView;
import io.github.harp.operations.admin.AdminEndpoint;
import io.github.harp.operations.admin.PublicPage;
import io.github.harp.proxy.OwnPages;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the admin end-point listens, if at all, and whether its page is at the public name. */
final class AdminPort {

  private static final Logger LOG = LoggerFactory.getLogger(AdminPort.class);

  private final Listeners listeners;
  private final AdminEndpoint endpoint;
  private final Optional<PublicPage> page;
  private volatile int number;

  private AdminPort(Listeners listeners, AdminEndpoint endpoint, Optional<PublicPage> page) {
    this.listeners = listeners;
    this.endpoint = endpoint;
    this.page = page;
  }

  static AdminPort of(Listeners listeners, Vertx vertx, GatewayView view, OwnPages pages) {
    return new AdminPort(
        listeners,
        new AdminEndpoint(vertx, view),
        listeners.adminPublic()
            ? Optional.of(new PublicPage(vertx, view, pages))
            : Optional.empty());
  }

  /** 0 when there is none. */
  int number() {
    return number;
  }

  Future<Void> open() {
    return listeners
        .admin()
        .map(address -> endpoint.listen(address).transform(opened -> opened(address, opened)))
        .orElseGet(Future::succeededFuture)
        .compose(open -> page.map(PublicPage::open).orElseGet(Future::succeededFuture));
  }

  /** Where its port is the default one and taken, the gateway serves all the same. */
  private Future<Void> opened(ListenAddress address, AsyncResult<Integer> opened) {
    var name = "HP_ADMIN_ADDRESS " + address;
    if (opened.succeeded()) {
      number = opened.result();
      return Future.succeededFuture();
    }
    if (listeners.adminWanted()) {
      return ListenFailure.at(name, opened.cause());
    }
    LOG.warn(
        "{}: {}; there are no health, metrics and doctor until it is set to a free address",
        name,
        ListenFailure.explain(opened.cause()));
    return Future.succeededFuture();
  }

  Future<Void> close() {
    return page.map(PublicPage::close)
        .orElseGet(Future::succeededFuture)
        .transform(closed -> endpoint.close());
  }
}
