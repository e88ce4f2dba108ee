// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.upstream.Engines;
import io.github.harp.core.upstream.EnginesContract;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalEnginesTest extends EnginesContract {

  private static final HostNames NO_NAMES =
      new HostNames() {
        @Override
        public Future<List<InetAddress>> resolve(String name) {
          return Future.failedFuture("no names here");
        }

        @Override
        public void forget(String name) {}
      };

  @TempDir Path folder;

  @Override
  protected Engines engines() {
    var socket = folder.resolve("docker.sock");
    try {
      Files.deleteIfExists(socket);
      Files.createFile(socket);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return engines(
        Map.of(
            new EngineNumber(24007),
            new LocalEngine.Tcp("10.0.0.7", 2375),
            EngineNumber.FIRST,
            new LocalEngine.Unix(socket)));
  }

  @Test
  void aSocketIsAnEngineOnceItIsThere() throws IOException {
    var socket = folder.resolve("late.sock");
    var engines = engines(Map.of(EngineNumber.FIRST, new LocalEngine.Unix(socket)));
    assertThat(engines.find(EngineNumber.FIRST)).isEmpty();
    assertThat(engines.numbers()).isEmpty();

    Files.createFile(socket);

    assertThat(engines.find(EngineNumber.FIRST)).get().hasToString("unix://" + socket);
    assertThat(engines.numbers()).containsExactly(EngineNumber.FIRST);
  }

  @Test
  void anEngineIsShownByItsAddress() {
    var engines =
        engines(
            Map.of(
                new EngineNumber(24008), new LocalEngine.Tcp("docker.example", 2375),
                new EngineNumber(24009), new LocalEngine.Tcp("2001:db8::1", 2375)));

    assertThat(engines.find(new EngineNumber(24008)))
        .get()
        .hasToString("tcp://docker.example:2375");
    assertThat(engines.find(new EngineNumber(24009))).get().hasToString("tcp://[2001:db8::1]:2375");
  }

  private static Engines engines(Map<EngineNumber, LocalEngine> addresses) {
    return new LocalEngines(addresses, NO_NAMES, Duration.ofSeconds(1));
  }
}
