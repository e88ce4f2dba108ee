// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelServer;
import io.github.harp.tunnel.interop.FrpBinaries;
import io.github.harp.tunnel.interop.FrpProcess;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A server of ours that real frpc dials in to, with a service behind it, and users. */
abstract class FrpcStage {

  static final String KEY = "shared";
  static final int PORT = FrpcToml.REMOTE_PORT;
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final long SOME_BYTES = 3_000_000;

  @TempDir Path certs;
  final BackendService backend = new BackendService();
  final List<AutoCloseable> toClose = new ArrayList<>();
  final List<RefusalCode> codes = new CopyOnWriteArrayList<>();
  final List<String> refusals = new CopyOnWriteArrayList<>();
  final EventLoopGroup loops;
  TunnelServer server;

  FrpcStage(EventLoopGroup loops) {
    this.loops = loops;
  }

  @AfterEach
  void stop() throws Exception {
    for (var one : toClose) {
      one.close();
    }
    if (server != null) {
      server.close();
    }
    backend.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Keeps what is refused, and why. */
  class Refused implements TunnelListener {
    @Override
    public void refused(InetSocketAddress address, RefusalCode code, String reason) {
      codes.add(code);
      refusals.add(reason);
    }
  }

  final FrpProcess frpc(String version, String toml) {
    var frpc = FrpBinaries.of(version).frpc(toml);
    toClose.add(frpc);
    return frpc;
  }

  final void awaitOpen(FrpProcess frpc, int port) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(OpenPorts.has(server, port)).as(frpc.log()).isTrue());
  }

  final TunnelUser user() throws Exception {
    return TunnelUser.dial(server, PORT, loops.next());
  }

  void assertThatBytesPass() throws Exception {
    var echoed = user().says("echo\n").says("ping through the tunnel");
    await().until(() -> echoed.head().equals("ping through the tunnel"));
    echoed.channel().close();
    var sent = user().says("send " + SOME_BYTES + "\n");
    assertThat(sent.awaitEnd()).isEqualTo(SOME_BYTES);
    assertThat(sent.checksum()).isEqualTo(Pattern.checksum(SOME_BYTES));
    assertThat(sent.error()).isNull();
  }
}
