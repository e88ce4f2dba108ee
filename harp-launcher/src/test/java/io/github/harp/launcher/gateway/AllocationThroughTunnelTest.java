// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guards the way through a tunnel without a clock: what a small request costs on heap. */
class AllocationThroughTunnelTest {

  private static final int PORT = 23_000;
  private static final int WARM_UP = 3_000;
  private static final int ROUNDS = 2_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Measured: about 9,900 bytes, on all event loops together. */
  private static final long MOST_BYTES = 14_500;

  private static final byte[] REQUEST =
      "GET /exapps/far/items?page=2 HTTP/1.1\r\nHost: cloud.example.com\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);
  private static final String END_OF_ANSWER = "\r\n\r\n{}";

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What answers runs elsewhere, so that event loops of the gateway are its own. */
  private final Vertx others = Vertx.vertx();

  private final Vertx vertx = TransportChoice.AUTO.start();
  private final Set<Long> loops = new HashSet<>();
  private Gateway gateway;
  private TunnelClient exApp;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws Exception {
    var far =
        new ExApp(
            new AppId("far"),
            "1.0.0",
            new ExAppAddress("127.0.0.1", PORT),
            Secret.of("s"),
            RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of()))));
    var nextcloud =
        others
            .createHttpServer()
            .requestHandler(new AppApiDouble("k".repeat(32)).exApp(far))
            .listen(0, "127.0.0.1")
            .await();
    var service =
        others
            .createHttpServer()
            .requestHandler(request -> request.response().end("{}"))
            .listen(0, "127.0.0.1")
            .await();
    var environment =
        Map.of(
            "HP_SHARED_KEY", "k".repeat(32),
            "NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloud.actualPort(),
            "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
            "HP_FRP_ADDRESS", "127.0.0.1:0",
            "HP_FRP_DISABLE_TLS", "true",
            "HP_CERTS_DIR", folder.toString(),
            "HP_ADMIN_ADDRESS", "off",
            "HP_DOCKER_ENGINES", "");
    gateway = new Gateway(Configuration.from(environment, folder), vertx).start().await();
    exApp =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", "k".repeat(32)))
                .proxies(
                    TunnelProxy.of(
                        "far", PORT, new TunnelTarget.Tcp("127.0.0.1", service.actualPort())))
                .build());
    await().atMost(PATIENCE).until(() -> exApp.status().isHealthy());
    for (var loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      loops.add(loop.submit(() -> Thread.currentThread().getId()).get());
    }
  }

  @AfterEach
  void stop() {
    exApp.close();
    gateway.stop(Duration.ZERO).await();
    vertx.close().await();
    others.close().await();
  }

  @Test
  void aSmallRequestThroughATunnelAllocatesLittle() throws Exception {
    try (var client = new Socket()) {
      client.connect(new InetSocketAddress("127.0.0.1", gateway.addresses().get(0).getPort()));
      client.setSoTimeout((int) PATIENCE.toMillis());
      ask(client, WARM_UP);
      long before = allocated();
      ask(client, ROUNDS);

      assertThat((allocated() - before) / ROUNDS).isPositive().isLessThan(MOST_BYTES);
    }
  }

  private long allocated() {
    return loops.stream().mapToLong(threads::getThreadAllocatedBytes).sum();
  }

  private static void ask(Socket client, int times) throws Exception {
    var buffer = new byte[4096];
    for (int i = 0; i < times; i++) {
      client.getOutputStream().write(REQUEST);
      var answer = new StringBuilder();
      while (answer.indexOf(END_OF_ANSWER) < 0) {
        int read = client.getInputStream().read(buffer);
        assertThat(read).isPositive();
        answer.append(new String(buffer, 0, read, StandardCharsets.US_ASCII));
      }
      assertThat(answer).startsWith("HTTP/1.1 200");
    }
  }
}
