// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration.Listeners;
import io.github.harp.operations.admin.AdminEndpoint;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the admin end-point listens, if at all. */
final class AdminPort {

  private static final Logger LOG = LoggerFactory.getLogger(AdminPort.class);

  private final Listeners listeners;
  private final AdminEndpoint endpoint;
  private volatile int number;

  AdminPort(Listeners listeners, AdminEndpoint endpoint) {
    this.listeners = listeners;
    this.endpoint = endpoint;
  }

  /** 0 when there is none. */
  int number() {
    return number;
  }

  Future<Void> open() {
    return listeners
        .admin()
        .map(address -> endpoint.listen(address).transform(opened -> opened(address, opened)))
        .orElseGet(Future::succeededFuture);
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
    return endpoint.close();
  }
}
