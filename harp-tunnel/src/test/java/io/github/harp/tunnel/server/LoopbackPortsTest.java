// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.PortRange;
import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Remote ports as TCP ports of this host. */
class LoopbackPortsTest {

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final BackendService backend = new BackendService();
  private final HeldPort held = HeldPort.any();
  private final int port = held.number();
  private TunnelServer server;
  private FrpProcess frpc;

  @AfterEach
  void stop() throws Exception {
    if (frpc != null) {
      frpc.close();
    }
    server.close();
    backend.close();
    held.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private void start(boolean expose) throws Exception {
    server =
        new TunnelServer(
            TunnelServerOptions.builder()
                .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .plain(true)
                .ports(new PortRange(port, port))
                .exposeOnLoopback(expose)
                .eventLoops(loops, loops, NioServerSocketChannel.class)
                .authenticator(TunnelAuthenticator.sharedKey("k"))
                .build());
    int serverPort = server.start().get(30, TimeUnit.SECONDS).getPort();
    frpc =
        FrpBinaries.of(FrpBinaries.FIELD)
            .frpc(FrpcToml.of(serverPort, backend.port(), "k").withRemotePort(port).text());
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }

  @Test
  @DisplayName("W7 no TCP port is opened unless asked for")
  void w7_noTcpPortIsOpenedUnlessAskedFor() throws Exception {
    start(false);
    await().until(() -> OpenPorts.has(server, port));

    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
  }

  @Test
  void aUserWhoHasSentEverythingStillGetsTheAnswer() throws Exception {
    start(true);
    await().until(() -> OpenPorts.has(server, port));

    try (Socket user = connect()) {
      user.getOutputStream().write("send 1000000\n".getBytes(StandardCharsets.US_ASCII));
      user.shutdownOutput();
      assertThat(user.getInputStream().readAllBytes()).isEqualTo(Pattern.bytes(1_000_000));
    }
  }

  @Test
  void aUserWhoComesTheMomentFrpcPrintsSuccessIsServed() throws Exception {
    start(true);
    frpc.awaitLog("start proxy success");

    try (Socket user = connect()) {
      user.getOutputStream().write("send 1000\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(user.getInputStream().readAllBytes()).isEqualTo(Pattern.bytes(1_000));
    }
  }

  @Test
  void thePortIsGoneWithItsClient() throws Exception {
    start(true);
    await().until(() -> OpenPorts.has(server, port));

    frpc.kill();

    await()
        .untilAsserted(
            () -> assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class));
  }

  @Test
  void aPortThatIsTakenByAnotherProgramIsUnavailable() throws Exception {
    try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(other.isBound()).isTrue();
      start(true);
      frpc.awaitLog("port unavailable");
    }
  }
}
