// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import static io.github.harp.tunnel.config.ExAppFrpcToml.EXAPP;
import static io.github.harp.tunnel.config.ExAppFrpcToml.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.TunnelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a file, told by where it is and what is expected there. */
class FrpcConfigMistakesTest {

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
  void namesVariablesThatAreNotSetAndTemplatesThatItDoesNotKnow() {
    assertThatThrownBy(
            () -> parse("serverAddr = \"{{ .Envs.NOPE }}\"\nuser = \"{{ parseNumberRange }}\""))
        .isInstanceOf(TunnelException.class)
        .hasMessageContaining("line 1: environment variable NOPE is not set")
        .hasMessageContaining("line 2")
        .hasMessageContaining("expected {{ .Envs.NAME }}");
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
}
