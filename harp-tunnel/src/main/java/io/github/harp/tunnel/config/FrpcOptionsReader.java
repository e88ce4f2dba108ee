// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.config;

import io.github.harp.tunnel.WireProtocol;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelClientTls;
import io.github.harp.tunnel.client.TunnelTransport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns frpc's keys into options, with frpc's defaults. A key of frpc that asks for something this
 * client cannot do is an error; one that merely has no meaning here is a warning.
 *
 * @see <a href="https://github.com/fatedier/frp/tree/v0.70.1/pkg/config/v1">frp v0.70.1,
 *     pkg/config/v1</a>
 */
final class FrpcOptionsReader {

  private static final int DEFAULT_SERVER_PORT = 7000;

  /** Keys of frpc without a meaning here. */
  private static final List<String> WITHOUT_EFFECT =
      List.of("log", "webServer", "udpPacketSize", "clientID", "dnsServer", "featureGates");

  private final Section root;
  private final Path configFile;
  private final List<String> warnings = new ArrayList<>();

  FrpcOptionsReader(Section root, Path configFile) {
    this.root = root;
    this.configFile = configFile;
  }

  List<String> warnings() {
    return warnings;
  }

  /** Empty if something was wrong, which is then among the section's errors. */
  Optional<TunnelClientOptions.Builder> read() {
    WITHOUT_EFFECT.forEach(this::warnIfPresent);
    refuse(root, "includes", "other files cannot be included; put everything into one file");
    refuse(root, "virtualNet", "virtual networks are not supported");
    var auth = root.section("auth");
    auth.text("method")
        .filter(method -> !method.equals("token"))
        .ifPresent(method -> auth.wrong("method", method + " is not supported; expected token"));
    refuse(auth, "tokenSource", "is not supported; expected auth.token");
    refuse(auth, "oidc", "is not supported; expected auth.token");
    if (!auth.texts("additionalScopes").isEmpty()) {
      auth.wrong("additionalScopes", "is not supported; expected none");
    }
    var services = new FrpcServices(root, this::warnIfPresent);
    var proxies = services.proxies();
    var visitors = services.visitors();
    try {
      var options =
          TunnelClientOptions.to(
                  root.text("serverAddr").orElse("0.0.0.0"),
                  root.number("serverPort", DEFAULT_SERVER_PORT))
              .user(root.text("user").orElse(""))
              .frpToken(auth.text("token").orElse(""))
              .metas(root.map("metadatas"))
              .givesUpOnFirstLogin(root.flag("loginFailExit", true))
              .proxies(proxies)
              .visitors(visitors);
      services.stunServer().ifPresent(options::stunServer);
      withTransport(options).build();
      return Optional.of(options);
    } catch (IllegalArgumentException e) {
      root.wrong("configuration", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private TunnelClientOptions.Builder withTransport(TunnelClientOptions.Builder options) {
    var transport = root.section("transport");
    var carried = carriedBy(transport);
    refuse(transport, "proxyURL", "proxies on the way to the server are not supported");
    refuse(transport, "connectServerLocalIP", "is not supported");
    List.of("dialServerKeepalive", "quic")
        .forEach(key -> warnIfPresent(transport, "transport.", key));
    var wire = transport.text("wireProtocol").orElse("v1");
    if (!wire.equals("v1") && !wire.equals("v2")) {
      transport.wrong("wireProtocol", wire + " is unknown; expected v1 or v2");
    }
    var transported =
        options
            .transport(carried)
            .tcpMux(transport.flag("tcpMux", true))
            .wireProtocol(wire.equals("v2") ? WireProtocol.V2 : WireProtocol.V1)
            .poolCount(transport.number("poolCount", 1))
            .connectTimeout(seconds(transport, "dialServerTimeout", 10))
            .muxKeepAlive(seconds(transport, "tcpMuxKeepaliveInterval", 30));
    return withTls(withHeartbeat(transported, transport), transport.section("tls"), carried);
  }

  private static TunnelTransport carriedBy(Section transport) {
    var protocol = transport.text("protocol").orElse("tcp");
    return switch (protocol) {
      case "tcp" -> TunnelTransport.TCP;
      case "websocket" -> TunnelTransport.WEBSOCKET;
      case "wss" -> TunnelTransport.WSS;
      case "quic" -> TunnelTransport.QUIC;
      default -> {
        transport.wrong(
            "protocol", protocol + " is not supported; expected tcp, quic, websocket or wss");
        yield TunnelTransport.TCP;
      }
    };
  }

  private static TunnelClientOptions.Builder withHeartbeat(
      TunnelClientOptions.Builder options, Section transport) {
    int interval = transport.number("heartbeatInterval", 0);
    int timeout = transport.number("heartbeatTimeout", 0);
    if (interval == 0 && timeout == 0) {
      return options;
    }
    if (interval < 0) {
      return options.withoutHeartbeat();
    }
    return options.heartbeat(
        new TunnelClientOptions.Heartbeat(
            Duration.ofSeconds(interval == 0 ? 30 : interval),
            timeout < 0 ? Duration.ofDays(365) : Duration.ofSeconds(timeout == 0 ? 90 : timeout)));
  }

  private TunnelClientOptions.Builder withTls(
      TunnelClientOptions.Builder options, Section tls, TunnelTransport carried) {
    var certificate = tls.text("certFile").map(this::file);
    var key = tls.text("keyFile").map(this::file);
    var trustedCa = tls.text("trustedCaFile").map(this::file);
    var serverName = tls.text("serverName");
    boolean plainFirstByte = tls.flag("disableCustomTLSFirstByte", true);
    boolean enabled = tls.flag("enable", true);
    if (!enabled && carried != TunnelTransport.WSS) {
      return options;
    }
    if (certificate.isPresent() != key.isPresent()) {
      tls.wrong(
          "certFile", "a certificate needs its key; expected certFile and keyFile, or neither");
      return options;
    }
    if (carried == TunnelTransport.WSS && trustedCa.isEmpty()) {
      if (certificate.isPresent()) {
        tls.wrong("certFile", "a certificate for wss; expected trustedCaFile with it");
      }
      return options.tls(TunnelClientTls.publicServer(serverName));
    }
    return options.tls(
        TunnelClientTls.files(certificate, key, trustedCa, serverName)
            .withFrpFirstByte(!plainFirstByte));
  }

  private Path file(String name) {
    var path = Path.of(name);
    var beside = configFile.resolveSibling(name);
    return !Files.exists(path) && Files.exists(beside) ? beside : path;
  }

  private static Duration seconds(Section section, String name, int otherwise) {
    int seconds = section.number(name, otherwise);
    if (seconds < 1) {
      section.wrong(name, seconds + "; expected a number of seconds, at least 1");
      return Duration.ofSeconds(otherwise);
    }
    return Duration.ofSeconds(seconds);
  }

  private void warnIfPresent(String key) {
    warnIfPresent(root, "", key);
  }

  private void warnIfPresent(Section section, String prefix, String key) {
    if (section.has(key)) {
      section.ignore(key);
      warnings.add(prefix + key + " has no effect in this client");
    }
  }

  static void refuse(Section section, String key, String reason) {
    if (section.has(key)) {
      section.ignore(key);
      section.wrong(key, reason);
    }
  }
}
