// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.ProxyType;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelProxy.ForVisitors;
import io.github.harp.tunnel.client.TunnelTarget;
import io.github.harp.tunnel.client.TunnelTransport;
import io.github.harp.tunnel.client.TunnelVisitor;
import io.github.harp.tunnel.client.TunnelVisitor.Straight;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrpcConfigTest {

  private static final String EXAPP =
      """
      serverAddr = "harp"
      serverPort = 8782
      loginFailExit = false

      transport.tls.enable = true
      transport.tls.certFile = "/certs/frp/client.crt"
      transport.tls.keyFile = "/certs/frp/client.key"
      transport.tls.trustedCaFile = "/certs/frp/ca.crt"
      transport.tls.serverName = "harp.nc"

      metadatas.token = "some_very_secure_password"

      [[proxies]]
      remotePort = 23005
      type = "tcp"
      name = "app-skeleton"
      [proxies.plugin]
      type = "unix_domain_socket"
      unixPath = "/tmp/exapp.sock"
      """;

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
  void namesVariablesThatAreNotSetAndTemplatesThatItDoesNotKnow() {
    assertThatThrownBy(
            () -> parse("serverAddr = \"{{ .Envs.NOPE }}\"\nuser = \"{{ parseNumberRange }}\""))
        .isInstanceOf(TunnelException.class)
        .hasMessageContaining("line 1: environment variable NOPE is not set")
        .hasMessageContaining("line 2")
        .hasMessageContaining("expected {{ .Envs.NAME }}");
  }

  @Test
  void warnsAboutUnknownKeysAndThoseWithoutEffect() throws Exception {
    var warnings =
        parse(EXAPP + "localPrt = 4\n[log]\nlevel = \"debug\"\n[webServer]\nport = 7400\n")
            .warnings();
    assertThat(warnings)
        .containsExactlyInAnyOrder(
            "log has no effect in this client",
            "webServer has no effect in this client",
            "proxies[0].plugin.localPrt is unknown and has no effect");
  }

  @Test
  void namesMatchInAnyCaseAsInFrp() throws Exception {
    assertThat(parse("serveraddr = \"h\"\nSERVERPORT = 1\n").options().build().serverPort())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "transport.protocol = \"kcp\" | transport.protocol: kcp is not supported; expected tcp",
        "transport.proxyURL = \"http://p\" | transport.proxyURL",
        "transport.wireProtocol = \"v3\" | expected v1 or v2",
        "auth.method = \"oidc\" | auth.method: oidc is not supported; expected token",
        "auth.additionalScopes = [\"HeartBeats\"] | auth.additionalScopes",
        "includes = [\"*.toml\"] | includes",
        "serverPort = \"8782\" | serverPort: expected a whole number",
        "serverPort = 8782.5 | serverPort: expected a whole number",
        // Nineteen digits: Jackson before 2.23 read this one as 8782.
        "serverPort = 1000000000000008782 | serverPort: expected a whole number",
        "serverPort = 70000 | server port 70000; expected 1-65535",
        "loginFailExit = 1 | loginFailExit: expected true or false",
        "metadatas = \"x\" | metadatas: expected a table",
        "metadatas.token = 5 | metadatas.token: expected a string",
        "transport = 5 | transport: expected a table",
        "transport.tls.certFile = \"c\" | certFile and keyFile",
        "proxies = 5 | [[proxies]]",
        "visitors = [{name = \"v\"}] | visitors[0].type: nothing is not supported; expected stcp or"
            + " xtcp",
        "visitors = [{name = \"v\", type = \"sudp\"}] | visitors[0].type: sudp is not supported",
        "visitors = [{type = \"stcp\", serverName = \"s\", secretKey = \"k\", bindPort = 1}] |"
            + " expected names of both",
        "visitors = [{name = \"v\", type = \"stcp\", serverName = \"s\", secretKey = \"k\"}] |"
            + " visitors[0].bindPort: 0; expected 1-65535, or -1",
        "visitors = [{name = \"v\", type = \"xtcp\", protocol = \"kcp\"}] | kcp is not spoken"
            + " between peers here; expected quic",
        "visitors = [{name = \"v\", type = \"xtcp\", serverName = \"s\", secretKey = \"k\","
            + " bindPort = 1, fallbackTo = \"x\"}] | visitor v: fallback x; expected the name of an"
            + " stcp visitor",
        "visitors = [{name = \"v\", bindAddr = \"example.com\"}] | example.com; expected an IP"
            + " address",
        "proxies = [{type = \"tcp\", localPort = 1}] | proxies[0].name: is missing",
        "proxies = [{name = \"a\", type = \"udp\", localPort = 1}] | proxies[0].type: udp is not"
            + " supported; expected tcp, stcp or xtcp",
        "proxies = [{name = \"a\", type = \"xtcp\", localPort = 1}] | expected secretKey",
        "proxies = [{name = \"a\", type = \"stcp\", secretKey = \"s\", localPort = 1, remotePort ="
            + " 2}] | since it is for visitors",
        "natHoleStunServer = \"stun.example\" | natHoleStunServer: stun.example; expected a host"
            + " and a port",
        "proxies = [{name = \"a\", type = \"tcp\"}] | proxies[0].localPort",
        "proxies = [{name = \"a\", type = \"tcp\", localPort = 99999}] | proxies[0].localPort",
        "proxies = [{name = \"a\", type = \"tcp\", localPort = 1, remotePort = -1}] | expected"
            + " 0-65535",
        "proxies = [{name = \"a\", type = \"tcp\", plugin = {type = \"socks5\"}}] | expected"
            + " unix_domain_socket",
        "proxies = [{name = \"a\", type = \"tcp\", plugin = {type = \"unix_domain_socket\"}}] |"
            + " unixPath: is missing",
        "proxies = [{name = \"a\", type = \"tcp\", localPort = 1, healthCheck = {type = \"tcp\"}}]"
            + " | healthCheck",
        "proxies = [{name = \"a\", type = \"tcp\", localPort = 1},{name = \"a\", type = \"tcp\","
            + " localPort = 1}] | two proxies are called a",
      })
  void saysWhatIsWrongWhereAndWhatIsExpected(String line, String message) {
    assertThatThrownBy(() -> parse("serverAddr = \"h\"\n" + line))
        .isInstanceOf(TunnelException.class)
        .hasMessageStartingWith("frpc.toml: ")
        .hasMessageContaining(message);
  }

  @Test
  void reportsAllMistakesTogether() {
    assertThatThrownBy(
            () -> parse("serverAddr = \"h\"\ntransport.protocol = \"kcp\"\nauth.method = \"oidc\""))
        .hasMessageContaining("kcp")
        .hasMessageContaining("oidc");
  }

  @Test
  void namesTheLineOfABrokenFileButNotItsContent() {
    assertThatThrownBy(() -> parse("serverAddr = \"h\"\nmetadatas.token = \"secret"))
        .hasMessageContaining("line 2")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void recognisesTheOldFormat(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> parse("[common]\nserver_port = 7000")).hasMessageContaining("INI");
    var missing = folder.resolve("none.toml");
    assertThatThrownBy(() -> FrpcConfig.read(missing, Map.of()))
        .hasMessageContaining("there is no file");
    assertThat(Files.exists(missing)).isFalse();
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

  @Property(tries = 300)
  void anyTextIsReadOrRefusedWithAReason(@ForAll String text) {
    refusesOrReads(text);
  }

  @Property(tries = 300)
  void aDamagedFileIsReadOrRefusedWithAReason(
      @ForAll @IntRange(max = 550) int position, @ForAll char replacement, @ForAll boolean cut) {
    int at = Math.min(position, EXAPP.length() - 1);
    refusesOrReads(EXAPP.substring(0, at) + replacement + (cut ? "" : EXAPP.substring(at + 1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "# nothing",
        "a = 2024-99-99",
        "a = 1e999",
        "a = 0x",
        "[[a]]\n[a]",
        "a.b = 1\na = 2"
      })
  void oddFilesAreReadOrRefusedWithAReason(String text) {
    refusesOrReads(text);
    refusesOrReads("a = " + "[".repeat(100_000));
  }

  private static void refusesOrReads(String text) {
    try {
      assertThat(parse(text).options().build()).isNotNull();
    } catch (TunnelException refused) {
      assertThat(refused.getMessage()).startsWith("frpc.toml");
    }
  }

  private static FrpcConfig parse(String toml) throws TunnelException {
    return FrpcConfig.parse(toml, Path.of("frpc.toml"), Map.of());
  }
}
