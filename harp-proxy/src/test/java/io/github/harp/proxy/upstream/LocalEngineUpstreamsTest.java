// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static io.github.harp.core.HarpException.Code.UNREACHABLE;

import io.github.harp.core.HarpException;
import io.github.harp.core.testing.Wait;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.core.upstream.UpstreamContract;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Where the engines of this host listen. */
class LocalEngineUpstreamsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    Wait.resultOf(vertx.close());
  }

  private int echoAt(SocketAddress address) {
    var server = vertx.createNetServer().connectHandler(socket -> socket.handler(socket::write));
    return Wait.resultOf(server.listen(address)).actualPort();
  }

  private List<EventLoop> loops() {
    var loops = ((VertxInternal) vertx).nettyEventLoopGroup();
    return List.of(loops.next(), loops.next());
  }

  @Nested
  class OfASocket extends UpstreamContract {

    @TempDir Path folder;

    @Override
    protected Future<Upstream> echoing() {
      var socket = folder.resolve("docker.sock");
      if (!socket.toFile().exists()) {
        echoAt(SocketAddress.domainSocketAddress(socket.toString()));
      }
      return Future.succeededFuture(new UnixUpstream(socket, PATIENCE));
    }

    @Override
    protected Future<Upstream> unreachable() {
      return Future.succeededFuture(new UnixUpstream(folder.resolve("none.sock"), PATIENCE));
    }

    @Override
    protected List<EventLoop> eventLoops() {
      return loops();
    }
  }

  @Nested
  class OfAName extends UpstreamContract {

    /** Knows one name. */
    private final HostNames names =
        new HostNames() {
          @Override
          public Future<List<InetAddress>> resolve(String name) {
            return name.equals("docker.test")
                ? Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()))
                : Future.failedFuture(new HarpException(UNREACHABLE, name + ": no such name"));
          }

          @Override
          public void forget(String name) {}
        };

    private final int port = echoAt(SocketAddress.inetSocketAddress(0, "127.0.0.1"));

    @Override
    protected Future<Upstream> echoing() {
      return Future.succeededFuture(
          new LocalEngine.Tcp("docker.test", port).upstream(names, PATIENCE));
    }

    @Override
    protected Future<Upstream> unreachable() {
      return Future.succeededFuture(
          new LocalEngine.Tcp("none.test", port).upstream(names, PATIENCE));
    }

    @Override
    protected List<EventLoop> eventLoops() {
      return loops();
    }
  }
}
