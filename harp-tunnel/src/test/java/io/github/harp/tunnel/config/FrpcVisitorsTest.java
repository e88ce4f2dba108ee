// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import static io.github.harp.tunnel.config.ExAppFrpcToml.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelProxy.ForVisitors;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.TunnelVisitor.Straight;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Services for visitors, and visitors. */
class FrpcVisitorsTest {

  @Test
  void readsServicesForVisitors() throws Exception {
    var options =
        parse(
                """
                natHoleStunServer = "stun.example:3478"
                [[proxies]]
                name = "straight"
                type = "xtcp"
                secretKey = "s"
                localPort = 80
                allowUsers = ["*"]
                natTraversal.disableAssistedAddrs = true
                [[proxies]]
                name = "relayed"
                type = "stcp"
                secretKey = "s"
                localPort = 80
                """)
            .options()
            .build();
    var target = new TunnelTarget.Tcp("127.0.0.1", 80);

    assertThat(options.stunServer())
        .isEqualTo(InetSocketAddress.createUnresolved("stun.example", 3478));
    assertThat(options.proxies())
        .containsExactly(
            forVisitors(
                "straight", target, new ForVisitors(ProxyType.XTCP, "s", List.of("*"), true)),
            forVisitors("relayed", target, new ForVisitors(ProxyType.STCP, "s", List.of(), false)));
  }

  private static TunnelProxy forVisitors(String name, TunnelTarget target, ForVisitors visitors) {
    return new TunnelProxy(name, 0, target, false, false, Optional.of(visitors));
  }

  @Test
  void readsVisitors() throws Exception {
    var options =
        parse(
                """
                user = "us"
                [[visitors]]
                name = "straight"
                type = "xtcp"
                serverUser = "them"
                serverName = "bulk"
                secretKey = "s"
                bindPort = 9000
                keepTunnelOpen = true
                maxRetriesAnHour = 4
                minRetryInterval = 60
                fallbackTo = "relayed"
                fallbackTimeoutMs = 3000
                natTraversal.disableAssistedAddrs = true
                [[visitors]]
                name = "relayed"
                type = "stcp"
                serverName = "bulk"
                secretKey = "s"
                bindPort = -1
                transport.useEncryption = true
                """)
            .options()
            .build();

    assertThat(options.visitors())
        .containsExactly(
            new TunnelVisitor(
                "straight",
                ProxyType.XTCP,
                "them.bulk",
                "s",
                Optional.of(new InetSocketAddress("127.0.0.1", 9000)),
                false,
                false,
                new Straight(
                    true,
                    4,
                    Duration.ofSeconds(60),
                    Optional.of("relayed"),
                    Duration.ofSeconds(3),
                    true)),
            new TunnelVisitor(
                "relayed",
                ProxyType.STCP,
                "us.bulk",
                "s",
                Optional.empty(),
                true,
                false,
                Straight.USUAL));
  }

  @Test
  void readsWhatVisitorExportWrites() throws Exception {
    var server = new VisitorExport.Server("harp.example.com", 8782, OptionalInt.of(3478));
    var export = new VisitorExport("llm2.", "s");

    var config = parse(export.visitor(server, "pass", Instant.EPOCH, 23000));

    assertThat(config.warnings()).isEmpty();
    assertThat(config.options().build().visitors())
        .extracting(TunnelVisitor::service)
        .containsExactly("llm2.straight", "llm2.relayed");
    assertThat(parse(export.owner(9000)).options().build().proxies())
        .extracting(TunnelProxy::name)
        .containsExactly("llm2.straight", "llm2.relayed");
  }
}
