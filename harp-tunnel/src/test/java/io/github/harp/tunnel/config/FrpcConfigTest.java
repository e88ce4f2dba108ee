// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import static io.github.harp.tunnel.config.ExAppFrpcToml.EXAPP;
import static io.github.harp.tunnel.config.ExAppFrpcToml.parse;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file of frpc says, and what frpc takes where it says nothing. */
class FrpcConfigTest {

  @Test
  void readsWhatAnExAppWrites() throws Exception {
    var config = parse(EXAPP);
    var options = config.options().build();

    assertThat(config.warnings()).isEmpty();
    assertThat(options.serverAddress()).isEqualTo("harp");
    assertThat(options.serverPort()).isEqualTo(8782);
    assertThat(options.metas()).isEqualTo(Map.of("token", "some_very_secure_password"));
    assertThat(options.givesUpOnFirstLogin()).isFalse();
    assertThat(options.tcpMux()).isTrue();
    assertThat(options.heartbeat()).isEmpty();
    assertThat(options.poolCount()).isEqualTo(1);
    assertThat(options.tls().orElseThrow().serverName()).contains("harp.nc");
    assertThat(options.tls().orElseThrow().frpFirstByte()).isFalse();
    assertThat(options.proxies())
        .containsExactly(
            TunnelProxy.of(
                "app-skeleton", 23005, new TunnelTarget.UnixSocket(Path.of("/tmp/exapp.sock"))));
  }

  @Test
  void readsWhatAnExAppWithoutCertificatesWrites() throws Exception {
    var config =
        parse(
            """
            serverAddr = "10.0.0.1"
            serverPort = 8782
            loginFailExit = false
            transport.tls.enable = false
            metadatas.token = "k"
            [[proxies]]
            remotePort = 23005
            type = "tcp"
            name = "app"
            [proxies.plugin]
            type = "unix_domain_socket"
            unixPath = "/tmp/exapp.sock"
            """);
    assertThat(config.options().build().tls()).isEmpty();
    assertThat(config.warnings()).isEmpty();
  }

  @Test
  void readsItsOwnExportForARemoteEngine(@TempDir Path folder) throws Exception {
    var authority = CertificateAuthority.open(folder, Duration.ofDays(10), Clock.systemUTC());
    new EngineExport("harp.example.org", 8782, 24007)
        .write(folder.resolve("out"), authority.clientFiles());

    var config =
        FrpcConfig.read(
            folder.resolve("out/frpc.toml"),
            Map.of("HP_SHARED_KEY", "a \"quoted\" \\ <key> & more"));

    assertThat(config.warnings()).isEmpty();
    assertThat(config.options().build().metas())
        .containsEntry("token", "a \"quoted\" \\ <key> & more");
    assertThat(config.options().build().proxies())
        .containsExactly(
            TunnelProxy.of(
                "deploy-daemon-7",
                24007,
                new TunnelTarget.UnixSocket(Path.of("/var/run/docker.sock"))));
  }

  @Test
  void readsTablesAndAllThatIsSupported() throws Exception {
    var options =
        parse(
                """
                serverAddr = "h"
                user = "me"
                [auth]
                method = "token"
                token = "secret"
                [transport]
                protocol = "tcp"
                tcpMux = false
                wireProtocol = "v2"
                poolCount = 3
                heartbeatInterval = 10
                dialServerTimeout = 7
                [transport.tls]
                disableCustomTLSFirstByte = false
                [[proxies]]
                name = "web"
                type = "tcp"
                localPort = 80
                remotePort = 23000
                transport.useEncryption = true
                transport.useCompression = true
                [[proxies]]
                name = "off"
                type = "tcp"
                localPort = 81
                enabled = false
                """)
            .options()
            .build();
    assertThat(options.serverPort()).isEqualTo(7000);
    assertThat(options.user()).isEqualTo("me");
    assertThat(options.frpToken()).isEqualTo("secret");
    assertThat(options.tcpMux()).isFalse();
    assertThat(options.wireProtocol()).isEqualTo(WireProtocol.V2);
    assertThat(options.poolCount()).isEqualTo(3);
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(options.heartbeat())
        .contains(
            new TunnelClientOptions.Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(90)));
    assertThat(options.givesUpOnFirstLogin()).as("frpc's default").isTrue();
    assertThat(options.tls().orElseThrow().frpFirstByte()).isTrue();
    assertThat(options.proxies())
        .containsExactly(
            new TunnelProxy("web", 23000, new TunnelTarget.Tcp("127.0.0.1", 80), true, true));
  }

  @ParameterizedTest
  @CsvSource({"tcp, TCP", "quic, QUIC", "websocket, WEBSOCKET", "wss, WSS"})
  void theProtocolSaysWhatTheTunnelTravelsIn(String protocol, TunnelTransport transport)
      throws Exception {
    var options = parse("serverAddr = \"h\"\ntransport.protocol = \"%s\"".formatted(protocol));

    assertThat(options.options().build().transport()).isEqualTo(transport);
  }

  @Test
  void wssHasTlsEvenWithoutAnySettings() throws Exception {
    var options =
        parse("serverAddr = \"h\"\ntransport.protocol = \"wss\"\ntransport.tls.enable = false");

    assertThat(options.options().build().tls()).isPresent();
  }

  @Test
  void heartbeatsFollowFrpcsRules() throws Exception {
    assertThat(parse("serverAddr = \"h\"\ntransport.tcpMux = false").options().build().heartbeat())
        .contains(
            new TunnelClientOptions.Heartbeat(Duration.ofSeconds(30), Duration.ofSeconds(90)));
    assertThat(
            parse("serverAddr = \"h\"\ntransport.tcpMux = false\ntransport.heartbeatInterval = -1")
                .options()
                .build()
                .heartbeat())
        .isEmpty();
    assertThat(
            parse("serverAddr = \"h\"\ntransport.heartbeatInterval = 0")
                .options()
                .build()
                .heartbeat())
        .isEmpty();
  }

  @Test
  void takesVariablesInsideAndOutsideOfStrings() throws Exception {
    var config =
        FrpcConfig.parse(
            """
            # {{ nothing to see }}
            serverAddr = "{{ .Envs.HOST }}"
            serverPort = {{.Envs.PORT}}
            user = '{{- .Envs.HOST -}}'
            """,
            Path.of("frpc.toml"),
            Map.of("HOST", "h", "PORT", "8782"));
    assertThat(config.options().build().serverAddress()).isEqualTo("h");
    assertThat(config.options().build().serverPort()).isEqualTo(8782);
    assertThat(config.options().build().user()).isEqualTo("h");
  }

  @Test
  void namesMatchInAnyCaseAsInFrp() throws Exception {
    assertThat(parse("serveraddr = \"h\"\nSERVERPORT = 1\n").options().build().serverPort())
        .isEqualTo(1);
  }

  @Test
  void startsOnlyWhatIsAskedFor() throws Exception {
    var options =
        parse(
                """
                serverAddr = "h"
                start = ["b"]
                proxies = [{name = "a", type = "tcp", localPort = 1}, {name = "b", type = "tcp", localPort = 2}]
                """)
            .options()
            .build();
    assertThat(options.proxies()).extracting(TunnelProxy::name).isEqualTo(List.of("b"));
    assertThat(options.tls()).as("TLS without files is frpc's default").isPresent();
    assertThat(options.tls().orElseThrow().serverName()).isEqualTo(Optional.empty());
  }
}
