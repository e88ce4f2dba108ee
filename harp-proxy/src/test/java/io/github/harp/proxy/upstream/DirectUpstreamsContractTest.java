// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import io.github.harp.core.ExApp;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.testing.Wait;
import io.github.harp.core.upstream.Upstreams;
import io.github.harp.core.upstream.UpstreamsContract;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class DirectUpstreamsContractTest extends UpstreamsContract {

  /** Knows one name. */
  private static final HostNames NAMES =
      new HostNames() {
        @Override
        public Future<List<InetAddress>> resolve(String name) {
          return name.equals("exapp.test")
              ? Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()))
              : Future.failedFuture("no such name");
        }

        @Override
        public void forget(String name) {}
      };

  private final DirectUpstreams upstreams =
      new DirectUpstreams(NAMES, Duration.ofSeconds(10), List.of());
  private Vertx vertx;
  private int port;

  @BeforeEach
  void listen() {
    vertx = Vertx.vertx();
    var server = vertx.createNetServer().connectHandler(socket -> socket.handler(socket::write));
    port = Wait.resultOf(server.listen(0, "127.0.0.1")).actualPort();
  }

  @AfterEach
  void stop() {
    Wait.resultOf(vertx.close());
  }

  @Override
  protected Upstreams upstreams() {
    return upstreams;
  }

  @Override
  protected ExApp echoingExApp() {
    return exApp("exapp.test", port);
  }

  @Override
  protected ExApp unreachableExApp() {
    try (var unused = new ServerSocket(0)) {
      return exApp("127.0.0.1", unused.getLocalPort());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<EventLoop> eventLoops() {
    EventLoopGroup group = ((VertxInternal) vertx).nettyEventLoopGroup();
    return List.of(group.next(), group.next());
  }

  private static ExApp exApp(String host, int port) {
    return TestExApp.at(host, port, "app", "s");
  }
}
