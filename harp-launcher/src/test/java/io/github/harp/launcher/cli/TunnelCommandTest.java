// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.dialin.HostsOfTunnels;
import io.github.harp.launcher.Shell;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TunnelCommandTest {

  private static final Shell SHELL = Shell.ofThisProcess();

  @TempDir Path folder;

  @Test
  @DisplayName("F2: the tunnel client finds hosts by the rule of the gateway")
  void theTunnelClientHasTheGatewaysNames() throws Exception {
    var file = folder.resolve("frpc.toml");
    Files.writeString(file, "serverAddr = \"localhost\"\nserverPort = 8782\n");
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      var names =
          TunnelCommand.config(file, SHELL)
              .options()
              .build()
              .names()
              .orElseThrow()
              .apply(loops.next());

      assertThat(names).isInstanceOf(HostsOfTunnels.class);
      assertThat(names.addressesOf("localhost").toCompletableFuture().get(30, TimeUnit.SECONDS))
          .isNotEmpty()
          .allMatch(InetAddress::isLoopbackAddress);
    } finally {
      loops.shutdownGracefully();
    }
  }
}
