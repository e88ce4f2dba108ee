// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.benmanes.caffeine.cache.Ticker;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import io.github.harp.core.notice.Tracing;
import io.github.harp.core.runtime.orders.Deadline;
import io.github.harp.core.runtime.orders.OrderLocks;
import io.github.harp.docker.testing.Cli;
import io.github.harp.docker.testing.EventLoops;
import io.github.harp.docker.testing.LoopbackRegistry;
import io.github.harp.docker.testing.SocketUpstream;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** AppAPI pulls through the pass-through; the transport can, too, and streams the progress. */
@Timeout(120)
class PullTest {

  @RegisterExtension static final EventLoops LOOPS = new EventLoops();

  private static final Path SOCKET = Path.of("/var/run/docker.sock");
  private static final Duration A_MINUTE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void pullsFromARegistryWithProgress() throws Exception {
    assumeTrue(Files.exists(SOCKET), "no engine on " + SOCKET + "; .ci/engines starts one");
    var cli = Cli.docker(SOCKET).assumeImage("harp-test/exits:1");
    try (var registry = new LoopbackRegistry(folder)) {
      var image = registry.hostAndPort() + "/harp-test/pulled:1";
      cli.run("tag", "harp-test/exits:1", image);
      cli.run("push", image);
      cli.run("rmi", image);

      var progress = pull(image);

      assertThat(progress).hasSizeGreaterThan(1).last().asString().contains("Status:");
      assertThat(cli.succeeds("image", "inspect", image)).isTrue();
      cli.run("rmi", image);
    }
  }

  private static List<String> pull(String image) throws Exception {
    var progress = Collections.synchronizedList(new ArrayList<String>());
    var address =
        new EngineAddress("engine 24000", SocketUpstream.unix(SOCKET), LOOPS.group(), Tracing.NONE);
    try (var engine =
        new Engine(
            address,
            A_MINUTE,
            Deadline.in(A_MINUTE, Ticker.systemTicker()),
            OrderLocks.Held.UNCONTESTED)) {
      engine
          .docker()
          .pullImageCmd(image)
          .exec(
              new ResultCallback.Adapter<PullResponseItem>() {
                @Override
                public void onNext(PullResponseItem item) {
                  progress.add(String.valueOf(item.getStatus()));
                }
              })
          .awaitCompletion();
    }
    return progress;
  }
}
