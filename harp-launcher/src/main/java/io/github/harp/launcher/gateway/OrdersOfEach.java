// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.core.instance.Instance;
import io.github.harp.proxy.control.ControlAnswer;
import io.github.harp.proxy.control.ControlHandler;
import io.github.harp.proxy.control.ControlRequest;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Objects;

/** Gives each Nextcloud's orders to what carries out its own. */
record OrdersOfEach(Map<Instance, ControlHandler> handlers) implements ControlHandler {

  /** What all of them take. */
  @Override
  public int maxBodyBytes(String path) {
    return handlers.values().iterator().next().maxBodyBytes(path);
  }

  @Override
  public Future<ControlAnswer> handle(ControlRequest request) {
    return Objects.requireNonNull(handlers.get(request.instance())).handle(request);
  }
}
