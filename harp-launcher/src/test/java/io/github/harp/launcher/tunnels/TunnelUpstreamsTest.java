// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.tunnels;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.Engines;
import io.github.harp.core.ExApp;
import io.github.harp.core.Secret;
import io.github.harp.core.Upstream;
import io.github.harp.core.route.RouteTable;
import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelAuthenticator;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelIdentity;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.TunnelServerOptions;
import io.github.harp.tunnel.TunnelStatus;
import io.github.harp.tunnel.WireProtocol;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TunnelUpstreamsTest {

  private static final TunnelStatus.Session CLIENT =
      new TunnelStatus.Session(
          1,
          TunnelIdentity.shared("test"),
          InetSocketAddress.createUnresolved("203.0.113.7", 40000),
          "0.61.1",
          WireProtocol.V1,
          true,
          true,
          Instant.EPOCH,
          List.of(),
          0,
          0,
          0,
          0);

  private final TunnelServer server;
  private final OpenPorts ports = new OpenPorts();
  private final TunnelUpstreams upstreams;

  TunnelUpstreamsTest() throws TunnelException {
    server =
        new TunnelServer(
            TunnelServerOptions.defaults()
                .withPlain(true)
                .withAuthenticator(TunnelAuthenticator.frpTokenOnly()));
    upstreams =
        new TunnelUpstreams(
            server, ports, exApp -> Future.succeededFuture(new Named("direct:" + exApp.port())));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void anExAppThatHasDialledInIsReachedThroughItsTunnel() {
    open(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
    assertThat(where("localhost", 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  void anExAppOnThisHostThatNeverDialledInIsReachedDirectly() {
    assertThat(where("127.0.0.1", 23000)).isEqualTo("direct:23000");
  }

  @Test
  void anExAppElsewhereIsReachedDirectlyWhateverItsPort() {
    open(23000);

    assertThat(where("nc_app_demo", 23000)).isEqualTo("direct:23000");
    assertThat(where("10.0.0.7", 23000)).isEqualTo("direct:23000");
  }

  @Test
  @DisplayName("W7 while an ExApp's tunnel is away, a local process on its port gets nothing")
  void w7_whileATunnelIsAwayALocalProcessOnItsPortGetsNothing() {
    open(23000);
    close(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  void enginesAreThoseThatAreConfiguredAndThoseThatHaveDialledIn() {
    var engines = new TunnelEngines(new Configured(), server, ports);
    open(24001);
    open(23000);

    assertThat(engines.ports()).containsExactly(24000, 24001);
    assertThat(engines.find(24000)).hasToString("Optional[configured:24000]");
    assertThat(engines.find(24001)).hasToString("Optional[tunnel:24001]");
    assertThat(engines.find(24002)).isEmpty();
    assertThat(engines.find(23000)).isEmpty();
  }

  @Test
  void anEngineIsGoneWithItsTunnel() {
    var engines = new TunnelEngines(new Configured(), server, ports);
    open(24001);
    close(24001);

    assertThat(engines.find(24001)).isEmpty();
  }

  private String where(String host, int port) {
    var exApp = new ExApp("demo", "1", host, port, Secret.of("s"), RouteTable.empty());
    return upstreams.locate(exApp).result().toString();
  }

  private void open(int port) {
    ports.opened(CLIENT, proxy(port));
  }

  private void close(int port) {
    ports.closed(CLIENT, proxy(port), "test");
  }

  private static TunnelStatus.Proxy proxy(int port) {
    return new TunnelStatus.Proxy("p" + port, ProxyType.TCP, port, Instant.EPOCH);
  }

  private record Named(String name) implements Upstream {
    @Override
    public Future<Channel> connect(EventLoop loop) {
      return Future.failedFuture("not connected in this test");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final class Configured implements Engines {
    @Override
    public Optional<Upstream> find(int port) {
      return port == 24000 ? Optional.of(new Named("configured:24000")) : Optional.empty();
    }

    @Override
    public SortedSet<Integer> ports() {
      return new TreeSet<>(List.of(24000));
    }
  }
}
