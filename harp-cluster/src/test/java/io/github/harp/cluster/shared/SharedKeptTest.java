// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.cluster.Kept;
import io.github.harp.cluster.RedisServers;
import io.github.harp.cluster.redis.Seal;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What nodes have in common keeps nobody waiting. */
class SharedKeptTest {

  /** Of which nobody has another one. */
  private static final class Alone implements Kept {
    @Override
    public byte[] own() {
      return new byte[1];
    }

    @Override
    public boolean offered(byte[] theirs) {
      throw new AssertionError("there is none");
    }
  }

  @Test
  void aNodeStartsBeforeServersThatSayNothingAreGivenUp() throws Exception {
    var vertx = Vertx.vertx();
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var options =
          new HarpClusterOptions(
              RedisServers.parse("redis://127.0.0.1:" + silent.getLocalPort()),
              Optional.empty(),
              Optional.empty(),
              "this");
      var kept =
          new SharedKept(
              vertx, vertx.getOrCreateContext(), options, new ToldJournal(), "word", new Alone());

      var begun = kept.open(new Seal(new byte[32]), "prefix:").map(first -> kept.trouble());

      assertThat(resultOf(begun)).as("what had failed by then").isEmpty();
      await().until(() -> kept.trouble().isPresent());
    } finally {
      resultOf(vertx.close());
    }
  }
}
