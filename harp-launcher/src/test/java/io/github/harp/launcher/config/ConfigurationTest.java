// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.access.BanAnswer;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration.Tunnels.ExAppKey;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.proxy.upstream.LocalEngine;
import io.github.harp.tunnel.server.WebSockets;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What variables mean. */
class ConfigurationTest extends ReadsVariables {

  /** A value, and what it means. */
  static Stream<Arguments> meanings() {
    return Stream.of(
        row("HP_SHARED_KEY", "abcdefghijkl", c -> c.first().key().reveal(), "abcdefghijkl"),
        row("HP_SHARED_KEY", "\"'abcdefghijkl'\"", c -> c.first().key().reveal(), "abcdefghijkl"),
        row("HP_SHARED_KEY", "\"abcdefghijkl", c -> c.first().key().reveal(), "abcdefghijkl"),
        row("NC_INSTANCE_URL", "https://nc.example/", c -> c.first().url(), "https://nc.example"),
        row("NC_INSTANCE_URL", "'http://nc/index.php/'", c -> c.first().url(), "http://nc"),
        row("NC_INSTANCE_URL", "http://nc/sub/index.php", c -> c.first().url(), "http://nc/sub"),
        row("NC_INSTANCE_URL", "http://nc_app", c -> c.first().url(), "http://nc_app"),
        row("HP_EXAPPS_ADDRESS", null, c -> c.listeners().exApps(), at("0.0.0.0", 8780)),
        row("HP_EXAPPS_ADDRESS", "\"*:80\"", c -> c.listeners().exApps(), at("0.0.0.0", 80)),
        row("HP_EXAPPS_ADDRESS", ":8780", c -> c.listeners().exApps(), at("0.0.0.0", 8780)),
        row("HP_EXAPPS_ADDRESS", "[::]:8780", c -> c.listeners().exApps(), at("::", 8780)),
        row("HP_EXAPPS_ADDRESS", ":::8780", c -> c.listeners().exApps(), at("::", 8780)),
        row("HP_EXAPPS_ADDRESS", "localhost:1", c -> c.listeners().exApps(), at("localhost", 1)),
        row(
            "HP_EXAPPS_ADDRESS",
            "127.0.0.1:1,[::1]:2",
            c -> c.listeners().exApps(),
            List.of(new ListenAddress("127.0.0.1", 1), new ListenAddress("::1", 2))),
        row("HP_EXAPPS_HTTPS_ADDRESS", null, c -> c.listeners().exAppsTls(), at("0.0.0.0", 8781)),
        row(
            "HP_EXAPPS_HTTPS_ADDRESS",
            "[2001:db8::1]:443",
            c -> c.listeners().exAppsTls(),
            at("2001:db8::1", 443)),
        row("HP_FRP_ADDRESS", null, c -> c.listeners().frp(), new ListenAddress("0.0.0.0", 8782)),
        row("HP_FRP_ADDRESS", "[::]:7000", c -> c.listeners().frp(), new ListenAddress("::", 7000)),
        row("HP_ADMIN_ADDRESS", null, c -> c.listeners().admin().get().port(), 8200),
        row("HP_ADMIN_ADDRESS", "off", c -> c.listeners().admin().isPresent(), false),
        row("HP_ADMIN_PUBLIC", null, c -> c.listeners().adminPublic(), false),
        row("HP_ADMIN_PUBLIC", "yes", c -> c.listeners().adminPublic(), true),
        row("HP_ADMIN_ADDRESS", "", c -> c.listeners().admin().isPresent(), false),
        row("HP_CERTS_DIR", null, c -> c.certificates().tlsPem(), Path.of("/certs/cert.pem")),
        row("HP_CERTS_DIR", "/etc/harp/", c -> c.certificates().folder(), Path.of("/etc/harp")),
        row("HP_TRANSPORT", null, c -> c.operation().transport(), TransportChoice.AUTO),
        row("HP_TRANSPORT", "nio", c -> c.operation().transport(), TransportChoice.NIO),
        row("HP_TRANSPORT", " \"nio\"\r", c -> c.operation().transport(), TransportChoice.NIO),
        row("HP_SHUTDOWN_GRACE", null, c -> c.operation().shutdownGrace(), Duration.ofSeconds(8)),
        row(
            "HP_SHUTDOWN_GRACE",
            "1500",
            c -> c.operation().shutdownGrace(),
            Duration.ofMillis(1500)),
        row("HP_TRUSTED_PROXY_IPS", null, c -> c.access().trustedProxies().networks(), List.of()),
        row(
            "HP_TRUSTED_PROXY_IPS",
            "'10.0.0.7', “192.168.1.20/24”,,fd00::1/8 ,172.16.0.0/255.240.0.0",
            c -> c.access().trustedProxies().networks().toString(),
            "[10.0.0.7/32, 192.168.1.0/24, fd00::/8, 172.16.0.0/12]"),
        row(
            "HP_TRUSTED_PROXY_IPS",
            "proxy.local,10.0.0.1/33,::1",
            c -> c.access().trustedProxies().networks().toString(),
            "[::1/128]"),
        row("HP_SESSION_LIFETIME", null, c -> c.access().sessionLifetime(), Duration.ofSeconds(3)),
        row("HP_SESSION_LIFETIME", "0", c -> c.access().sessionLifetime(), Duration.ZERO),
        row("HP_SESSION_LIFETIME", ".5", c -> c.access().sessionLifetime(), Duration.ofMillis(500)),
        row("HP_SESSION_LIFETIME", "1e1", c -> c.access().sessionLifetime(), seconds(10)),
        row("HP_BLACKLIST_WINDOW", " 60 ", c -> c.access().banWindow(), seconds(60)),
        row("HP_BLACKLIST_WINDOW", "-1", c -> c.access().banWindow(), Duration.ZERO),
        row("HP_BLACKLIST_COUNT", "1", c -> c.access().banCount(), 1),
        row("HP_BLACKLIST_ANSWER", null, c -> c.access().banAnswer(), BanAnswer.BROWSER),
        row("HP_BLACKLIST_ANSWER", "drop", c -> c.access().banAnswer(), BanAnswer.DROP),
        row("HP_BLACKLIST_ANSWER", "always", c -> c.access().banAnswer(), BanAnswer.ALWAYS),
        row(
            "HP_TIMEOUT_CONNECT",
            "500us",
            c -> c.http().timeouts().upstream().connect(),
            Duration.ofMillis(1)),
        row(
            "HP_TIMEOUT_CONNECT",
            "24d",
            c -> c.http().timeouts().upstream().connect(),
            Duration.ofDays(24)),
        row(
            "HP_TIMEOUT_CONNECT",
            "0",
            c -> c.http().timeouts().upstream().connect(),
            Duration.ZERO),
        row("HP_TIMEOUT_CLIENT", "45", c -> c.http().timeouts().client(), Duration.ofMillis(45)),
        row("HP_TIMEOUT_CLIENT", "2m", c -> c.http().timeouts().client(), Duration.ofMinutes(2)),
        row(
            "HP_TIMEOUT_SERVER",
            "1h",
            c -> c.http().timeouts().upstream().silence(),
            Duration.ofHours(1)),
        row(
            "HP_TIMEOUT_SERVER",
            "1h",
            c -> c.http().timeouts().upgraded().silence(),
            Duration.ofHours(1)),
        row("HP_TIMEOUT_TUNNEL", "", c -> c.http().timeouts().upgraded().silence(), seconds(1800)),
        row("HP_TIMEOUT_TUNNEL", "0", c -> c.http().timeouts().upgraded().silence(), Duration.ZERO),
        row(
            "HP_TIMEOUT_TUNNEL",
            "0s",
            c -> c.http().timeouts().upgraded().silence(),
            Duration.ZERO),
        row("HP_LIMIT_CONNECTIONS", null, c -> c.http().limits().connections(), 8192),
        row("HP_LIMIT_CONNECTIONS", "20000", c -> c.http().limits().connections(), 20_000),
        row("HP_LIMIT_CLIENT", null, c -> c.http().limits().requests().perClient(), 4096),
        row("HP_LIMIT_CLIENT", "0", c -> c.http().limits().requests().perClient(), 0),
        row("HP_LIMIT_EXAPP", "50", c -> c.http().limits().requests().perExApp(), 50),
        row("HP_FRP_DISABLE_TLS", "true", c -> c.tunnels().tls(), false),
        row("HP_FRP_DISABLE_TLS", "True", c -> c.tunnels().tls(), false),
        row(
            "HP_FRP_CERT_VALIDITY_DAYS",
            "90",
            c -> c.certificates().tunnelValidity(),
            Duration.ofDays(90)),
        row("HP_FRP_QUIC_ADDRESS", null, c -> c.tunnels().quic(), Optional.empty()),
        row(
            "HP_FRP_QUIC_ADDRESS",
            "0.0.0.0:8782",
            c -> c.tunnels().quic(),
            Optional.of(new ListenAddress("0.0.0.0", 8782))),
        row("HP_FRP_WEBSOCKET", null, c -> c.tunnels().webSockets(), WebSockets.LIKE_OTHERS),
        row(
            "HP_FRP_WEBSOCKET",
            "'key'",
            c -> c.tunnels().webSockets(),
            WebSockets.CREDENTIAL_BEHIND_PROXY),
        row("HP_FRP_WEBSOCKET", "off", c -> c.tunnels().webSockets(), WebSockets.OFF),
        row("HP_EXAPP_KEY", null, c -> c.tunnels().exAppKey(), ExAppKey.TOKEN),
        row("HP_EXAPP_KEY", "shared", c -> c.tunnels().exAppKey(), ExAppKey.SHARED),
        row(
            "HP_DOCKER_ENGINES",
            null,
            c -> c.first().places().engines().toString(),
            "{24000=unix:///var/run/docker.sock}"),
        row("HP_DOCKER_ENGINES", "", c -> c.first().places().engines(), Map.of()),
        row(
            "HP_DOCKER_ENGINES",
            "24007 = tcp://[fd00::7]:2375 ,",
            c -> c.first().places().engines(),
            Map.of(new EngineNumber(24007), new LocalEngine.Tcp("fd00::7", 2375))),
        row("HP_ALLOWED_MOUNTS", null, c -> c.first().places().allowedMounts(), List.of()),
        row(
            "HP_ALLOWED_MOUNTS",
            "'/a, /b'",
            c -> c.first().places().allowedMounts(),
            List.of("/a", "/b")),
        row("HP_UPGRADES", null, c -> c.http().protocols().upgrades(), Set.of("websocket")),
        row("HP_UPGRADES", "", c -> c.http().protocols().upgrades(), Set.of()),
        row(
            "HP_UPGRADES",
            "'WebSocket, tcp'",
            c -> c.http().protocols().upgrades(),
            Set.of("websocket", "tcp")),
        row("HP_EARLY_HINTS", null, c -> c.http().protocols().earlyHints(), false),
        row("HP_EARLY_HINTS", "yes", c -> c.http().protocols().earlyHints(), true),
        row("HP_LOG_LEVEL", null, c -> c.operation().log().level(), LogSettings.Level.WARNING),
        row("HP_LOG_LEVEL", "Warn", c -> c.operation().log().level(), LogSettings.Level.WARNING),
        row("HP_LOG_LEVEL", "debug", c -> c.operation().log().level(), LogSettings.Level.DEBUG),
        row("HP_LOG_LEVEL", "CRITICAL", c -> c.operation().log().level(), LogSettings.Level.ERROR),
        row("HP_LOG_FORMAT", "json", c -> c.operation().log().format(), LogSettings.Format.JSON),
        row("HP_LOG_USERS", null, c -> c.operation().log().users(), false),
        row("HP_LOG_USERS", "true", c -> c.operation().log().users(), true),
        row("HP_VERBOSE_START", null, c -> c.operation().log().progress(), true),
        row("HP_VERBOSE_START", "0", c -> c.operation().log().progress(), false),
        row("HP_VERBOSE_START", "yes", c -> c.operation().log().progress(), true),
        row("HP_WATCHDOG_ENABLED", "TRUE", c -> c.operation().watchdog().enabled(), true),
        row("HP_WATCHDOG_INTERVAL", "2", c -> c.operation().watchdog().interval(), seconds(2)),
        row("HP_WATCHDOG_INTERVAL", "0", c -> c.operation().watchdog().interval(), seconds(10)),
        row("HP_WATCHDOG_FAILS", "many", c -> c.operation().watchdog().fails(), 12));
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("meanings")
  void reads(
      String variable, String value, Function<Configuration, Object> property, Object expected)
      throws ConfigurationException {
    assertThat(property.apply(read(variable, value))).isEqualTo(expected);
  }

  @Test
  void readsTheKeyFromAFileWithoutItsLineEnds() throws Exception {
    var file = Files.writeString(root.resolve("key"), "\"from-a-file-with-quotes\"\n\n");

    var read = readWith(Map.of("HP_SHARED_KEY_FILE", file.toString()), "HP_SHARED_KEY");

    assertThat(read.first().key().reveal()).isEqualTo("from-a-file-with-quotes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"the-key\r\n", "the-key\r\n\r\n", "the-key\r", "\u00EF\u00BB\u00BFthe-key\r\n"})
  @DisplayName("F17 a key file may come from Windows")
  void f17_aKeyFileMayComeFromWindows(String content) throws Exception {
    var file = Files.writeString(root.resolve("key"), content, StandardCharsets.ISO_8859_1);

    var read = readWith(Map.of("HP_SHARED_KEY_FILE", file.toString()), "HP_SHARED_KEY");

    assertThat(read.first().key().reveal()).isEqualTo("the-key");
  }

  static Stream<Arguments> switches() {
    return Stream.of(
            Map.entry(
                Variable.HP_FRP_DISABLE_TLS, (Predicate<Configuration>) c -> !c.tunnels().tls()),
            Map.entry(
                Variable.HP_LOG_USERS, (Predicate<Configuration>) c -> c.operation().log().users()),
            Map.entry(
                Variable.HP_VERBOSE_START,
                (Predicate<Configuration>) c -> c.operation().log().progress()),
            Map.entry(
                Variable.HP_WATCHDOG_ENABLED,
                (Predicate<Configuration>) c -> c.operation().watchdog().enabled()),
            Map.entry(
                Variable.HP_K8S_ENABLED,
                (Predicate<Configuration>) c -> c.first().places().cluster().isPresent()))
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "F17 {0}")
  @MethodSource("switches")
  void f17_oneRuleHoldsForAllSwitches(Variable variable, Predicate<Configuration> isOn)
      throws ConfigurationException {
    for (var on :
        List.of(
            "true", "True", "TRUE", "yes", "on", "1", "\"true\"", "'Yes'", " true ", "true\r")) {
      assertThat(isOn.test(read(variable.name(), on))).as(on).isTrue();
    }
    for (var off :
        List.of("false", "False", "no", "OFF", "0", "\"false\"", "'no' ", "\tfalse\r\n")) {
      var read = read(variable.name(), off);
      assertThat(isOn.test(read)).as(off).isFalse();
      assertThat(read.remarks().warnings()).as(off).isEmpty();
    }
    var isDefault = isOn.test(readWith(Map.of()));
    assertThat(isOn.test(read(variable.name(), ""))).isEqualTo(isDefault);
    assertThat(isOn.test(read(variable.name(), "maybe"))).isEqualTo(isDefault);
  }

  @Test
  @DisplayName("W29 listening on all addresses is seen from here as loopback of the same family")
  void w29_listeningOnAllAddressesIsSeenFromHereAsLoopbackOfTheSameFamily() {
    assertThat(ListenAddress.parse("[::]:8780").seenFromHere()).hasToString("[::1]:8780");
    assertThat(ListenAddress.parse("*:8780").seenFromHere()).hasToString("127.0.0.1:8780");
    assertThat(ListenAddress.parse("10.0.0.1:8780").seenFromHere()).hasToString("10.0.0.1:8780");
  }

  private static Arguments row(
      String variable, String value, Function<Configuration, Object> property, Object expected) {
    return Arguments.of(variable, value, property, expected);
  }

  private static List<ListenAddress> at(String host, int port) {
    return List.of(new ListenAddress(host, port));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
