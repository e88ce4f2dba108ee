// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import io.github.harp.launcher.config.StunSettings;
import io.github.harp.proxy.transport.NettyFutures;
import io.github.harp.tunnel.stun.StunServer;
import io.vertx.core.Future;
import java.util.Optional;

/** Tells tunnels' clients how they are seen, where that is wanted. */
final class Stun implements AutoCloseable {

  private final Optional<StunSettings> settings;
  private final Optional<StunServer> server;

  Stun(Optional<StunSettings> settings) {
    this.settings = settings;
    this.server = settings.map(it -> new StunServer(it.address().toSocketAddress(), it.seenAs()));
  }

  Future<Void> start() {
    return server.isEmpty()
        ? Future.succeededFuture()
        : NettyFutures.asVertx(server.get().start())
            .<Void>mapEmpty()
            .recover(
                failure ->
                    ListenFailure.at(
                        "HP_STUN_ADDRESS " + settings.get().address() + " and the port behind it",
                        failure));
  }

  @Override
  public void close() {
    server.ifPresent(StunServer::close);
  }
}
