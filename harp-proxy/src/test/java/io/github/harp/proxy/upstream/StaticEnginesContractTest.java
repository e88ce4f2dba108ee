// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.Engines;
import io.github.harp.core.EnginesContract;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

class StaticEnginesContractTest extends EnginesContract {

  private static final HostNames NO_NAMES =
      new HostNames() {
        @Override
        public Future<List<InetAddress>> resolve(String name) {
          return Future.failedFuture("no names here");
        }

        @Override
        public void forget(String name) {}
      };

  @Override
  protected Engines engines() {
    return StaticEngines.parse(
        "24007=tcp://10.0.0.7:2375,24000=unix:///var/run/docker.sock",
        NO_NAMES,
        Duration.ofSeconds(1));
  }
}
