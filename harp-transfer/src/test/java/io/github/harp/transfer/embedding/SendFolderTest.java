// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.transfer.Transfer;
import io.github.harp.transfer.TransferOptions;
import io.github.harp.transfer.TransferWatcher;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.config.FrpcConfig;
import io.github.harp.tunnel.config.VisitorExport;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two programs that use nothing but this module, and a tunnel server. */
class SendFolderTest {

  private static final String KEY = "shared key";
  private static final String SECRET = "of the service";

  @TempDir Path folder;

  private TunnelServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    var loopback = InetAddress.getLoopbackAddress();
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(loopback, 0))
                .plain(true)
                .authenticator(TunnelAuthenticator.sharedKey(KEY))
                .build());
    port = server.start().get(30, TimeUnit.SECONDS).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path config(String name, String key, String services) throws IOException {
    var head =
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        transport.tls.enable = false
        metadatas.token = "%s"
        """
            .formatted(port, key);
    return Files.writeString(folder.resolve(name), head + services);
  }

  private Path visitor(String key) throws IOException {
    var visitor =
        """
        [[visitors]]
        name = "relayed"
        type = "stcp"
        serverName = "llm2/files-relayed"
        secretKey = "%s"
        bindPort = 23010
        """;
    return config("visitor.toml", key, visitor.formatted(SECRET));
  }

  private TransferOptions.Builder options(Path file) throws IOException {
    return TransferOptions.meetingBy(FrpcConfig.read(file, Map.of())).service("files");
  }

  @Test
  void aFolderArrivesThroughTheTunnelServer() throws Exception {
    var model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("weights"), "w".repeat(100_000));
    var owner = config("owner.toml", KEY, new VisitorExport("llm2/files-", SECRET).owner(23010));
    var threads = Executors.newSingleThreadExecutor();
    try (var fetching =
        Transfer.fetching(folder.resolve("to"), false, options(visitor(KEY)).build())) {
      var fetched = CompletableFuture.supplyAsync(() -> words(fetching), threads);

      assertThat(SendFolder.send(model, owner)).startsWith("sent 1 file, 100.0 kB; ");
      assertThat(fetched.get(60, TimeUnit.SECONDS)).startsWith("fetched 1 file to ");
    } finally {
      threads.shutdownNow();
    }
    assertThat(folder.resolve("to/model/weights")).hasSameBinaryContentAs(model.resolve("weights"));
  }

  private static String words(Transfer transfer) {
    try {
      return transfer.run();
    } catch (Exception e) {
      return e.toString();
    }
  }

  @Test
  void whoIsNotLetInIsToldWhyNobodyComes() throws Exception {
    var obstacles = new CopyOnWriteArrayList<String>();
    var watcher =
        new TransferWatcher() {
          @Override
          public void waits(String reason) {
            obstacles.add(reason);
          }
        };
    var options = options(visitor("another key")).watcher(watcher).build();
    var threads = Executors.newSingleThreadExecutor();
    try (var fetching = Transfer.fetching(folder.resolve("to"), false, options)) {
      var fetched = CompletableFuture.supplyAsync(() -> words(fetching), threads);

      await().until(() -> obstacles.stream().anyMatch(it -> it.contains("not valid here")));
      fetching.stop();

      assertThat(fetched.get(60, TimeUnit.SECONDS)).contains("stopped");
    } finally {
      threads.shutdownNow();
    }
    assertThat(folder.resolve("to")).isEmptyDirectory();
  }
}
