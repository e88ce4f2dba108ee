// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.access.BanAnswer;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.launcher.config.Configuration.Tunnels.ExAppKey;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.ConfigurationException.Mistake;
import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.proxy.upstream.LocalEngine;
import io.github.harp.tunnel.server.WebSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

  private static final String KEY = "correct-horse-battery-staple";

  @TempDir Path root;

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

  /** A value, and what its error message must contain. */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("HP_SHARED_KEY", "", "neither"),
        mistake("HP_SHARED_KEY", "line\nbreak", "U+000A"),
        mistake("HP_SHARED_KEY", "schlüssel", "U+00FC"),
        mistake("HP_SHARED_KEY", "ab\"cd", "quotation mark"),
        mistake("HP_SHARED_KEY", "ab\\cd", "backslash"),
        mistake("NC_INSTANCE_URL", "", "nothing"),
        mistake("HP_UPGRADES", "websocket,h2c", "without HTTP"),
        mistake("HP_UPGRADES", "TLS/1.3", "without HTTP"),
        mistake("HP_UPGRADES", "web socket", "names of protocols"),
        mistake("NC_INSTANCE_URL", "''", "nothing"),
        mistake("HP_EXAPPS_ADDRESS", "", "nothing"),
        mistake("HP_EXAPPS_ADDRESS", "8780", "'8780'"),
        mistake("HP_EXAPPS_ADDRESS", "0.0.0.0:65536", "65535"),
        mistake("HP_EXAPPS_ADDRESS", "1.2.3:8780", "address:port"),
        mistake("HP_EXAPPS_HTTPS_ADDRESS", "[::8781", "address:port"),
        mistake("HP_FRP_ADDRESS", "", "nothing"),
        mistake("HP_FRP_ADDRESS", "harp", "'harp'"),
        mistake("HP_ADMIN_ADDRESS", "yes", "'yes'"),
        mistake("HP_CERTS_DIR", "", "a folder"),
        mistake("HP_TRANSPORT", "kqueue", "io_uring"),
        mistake("HP_SHUTDOWN_GRACE", "soon", "30s"),
        mistake("HP_SESSION_LIFETIME", "11", "0 to 10"),
        mistake("HP_SESSION_LIFETIME", "-1", "0 to 10"),
        mistake("HP_SESSION_LIFETIME", "nan", "0 to 10"),
        mistake("HP_BLACKLIST_WINDOW", "\"300\"", "whole number"),
        mistake("HP_BLACKLIST_WINDOW", "5m", "whole number"),
        mistake("HP_BLACKLIST_COUNT", "0", "at least 1"),
        mistake("HP_BLACKLIST_COUNT", "-3", "at least 1"),
        mistake("HP_BLACKLIST_ANSWER", "403", "browser, always or drop"),
        mistake("HP_TIMEOUT_CONNECT", "30 s", "30s"),
        mistake("HP_TIMEOUT_CONNECT", "25d", "24 days"),
        mistake("HP_TIMEOUT_CLIENT", "0.5s", "30s"),
        mistake("HP_TIMEOUT_CLIENT", "-1", "30s"),
        mistake("HP_TIMEOUT_SERVER", "999999999999999999d", "24 days"),
        mistake("HP_TIMEOUT_SERVER", "", "nothing"),
        mistake("HP_TIMEOUT_TUNNEL", "0.0", "30s"),
        mistake("HP_LIMIT_CONNECTIONS", "0", "at least 1"),
        mistake("HP_LIMIT_CLIENT", "-1", "0 for no limit"),
        mistake("HP_LIMIT_EXAPP", "many", "0 for no limit"),
        mistake("HP_FRP_CERT_VALIDITY_DAYS", "0", "days"),
        mistake("HP_FRP_CERT_VALIDITY_DAYS", "1y", "days"),
        mistake("HP_EXAPP_KEY", "none", "token or shared"),
        mistake("HP_DOCKER_ENGINES", "unix:///var/run/docker.sock", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=unix://docker.sock", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=http://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7:0", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24100=tcp://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "x=tcp://10.0.0.7:2375", "number=address"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7", "address:port"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://10.0.0.7:65536", "address:port"),
        mistake("HP_DOCKER_ENGINES", "24000=tcp://2001:db8::1:2375x", "address:port"),
        mistake("HP_DOCKER_ENGINES", "23000=unix:///x", "24000 to 24099"),
        mistake("HP_DOCKER_ENGINES", "24000=/var/run/docker.sock", "unix:///var/run/docker.sock"),
        mistake("HP_DOCKER_ENGINES", "24001=tcp://a:1,24001=tcp://b:1", "24001 twice"),
        mistake("HP_ALLOWED_MOUNTS", "/a,b", "absolute paths"),
        mistake("HP_ALLOWED_MOUNTS", "/srv/../etc", "without '..'"),
        mistake("HP_LOG_LEVEL", "trace", "debug, info, warning or error"),
        mistake("HP_LOG_LEVEL", "", "nothing"),
        mistake("HP_LOG_FORMAT", "xml", "text or json"));
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("mistakes")
  void refuses(String variable, String value, String said) {
    assertThatThrownBy(() -> read(variable, value))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining("expected")
        .hasMessageContaining(said);
  }

  /** A value that the original started with, and the warning that it deserves. */
  static Stream<Arguments> oddities() {
    return Stream.of(
        mistake("HP_SHARED_KEY", " a key with blanks around ", "blanks"),
        mistake("NC_INSTANCE_URL", "cloud.example.com", "'cloud.example.com': expected a URL"),
        mistake("NC_INSTANCE_URL", "http://me:secret@cloud", "'http://…@cloud'"),
        mistake("NC_INSTANCE_URL", "http://cloud/?a=b", "nothing behind it"),
        mistake("HP_EXAPPS_ADDRESS", "0.0.0.0:8780 alpn h2", "'alpn h2'"),
        mistake("HP_TRUSTED_PROXY_IPS", "proxy.local,10.0.0.1", "'proxy.local': ignored"),
        mistake("HP_ALLOWED_MOUNTS", "/var,/srv", "'/var' allows /var/lib/docker"),
        mistake("HP_ALLOWED_MOUNTS", "/", "owns the engine's host"),
        mistake("HP_TRUSTED_PROXY_IPS", "10.0.0.1/8", "read as 10.0.0.0/8"),
        mistake("HP_BLACKLIST_WINDOW", "0", "nobody is ever banned"),
        mistake("HP_VERBOSE_START", "2", "found '2', expected true or false; using 1"),
        mistake("HP_WATCHDOG_INTERVAL", "0", "using 10"),
        mistake("HP_WATCHDOG_FAILS", "x", "using 12"),
        mistake("HP_TIMEOUT_SERVE", "5s", "did you mean HP_TIMEOUT_SERVER?"),
        mistake("HP_TRUSTED_PROXY", "10.0.0.1", "did you mean HP_TRUSTED_PROXY_IPS?"),
        mistake("HP_SOMETHING_ELSE", "1", "knows no such variable"));
  }

  @ParameterizedTest(name = "{0}={1}")
  @MethodSource("oddities")
  void warnsOf(String variable, String value, String said) throws ConfigurationException {
    assertThat(read(variable, value).remarks().warnings())
        .singleElement()
        .asString()
        .contains(variable)
        .contains(said);
  }

  @ParameterizedTest
  @DisplayName("S13: a weak key or one of public documents works, and is an error each time")
  @CsvSource({
    "short, 5 characters can be guessed",
    "0123456789abcde, 15 characters can be guessed",
    "some_very_secure_password, public documents",
    "Some-Very-Secure-Password, public documents",
    "enter_a_secure_password_here, public documents",
    "<your_harp_shared_key>, public documents",
    "CHANGE_ME, public documents",
    "mysecret, public documents"
  })
  void s13_aWeakKeyIsAnErrorEachTime(String key, String said) throws ConfigurationException {
    var read = read("HP_SHARED_KEY", key);

    assertThat(read.first().key().matches(key)).isTrue();
    assertThat(read.remarks().alarms())
        .singleElement()
        .asString()
        .contains("HP_SHARED_KEY")
        .contains(said);
    assertThat(read.remarks().alarms().toString()).as("nor is it shown").doesNotContain(key);
    assertThat(read.remarks().warnings()).isEmpty();
  }

  @Test
  void aKeyOfSixteenCharactersIsNoError() throws ConfigurationException {
    assertThat(read("HP_SHARED_KEY", "0123456789abcdef").remarks().alarms()).isEmpty();
  }

  @Test
  @DisplayName("S10: the configured socket of an engine is not allowed by a folder above it")
  void s10_theConfiguredSocketIsGuarded() throws Exception {
    var engines = "24000=unix:///srv/engine/api,24001=tcp://10.0.0.7:2375";

    var read = readWith(Map.of("HP_DOCKER_ENGINES", engines, "HP_ALLOWED_MOUNTS", "/srv"));

    assertThat(read.first().mounts().allows("/srv/models")).isTrue();
    assertThat(read.first().mounts().allows("/srv/engine/api")).isFalse();
    assertThat(read.first().mounts().allows("/srv/engine")).isFalse();
    assertThat(read.first().mounts().allows("/var/run/docker.sock")).isFalse();
    assertThat(read.remarks().warnings())
        .singleElement()
        .asString()
        .contains("'/srv' allows /srv/engine/api");
    assertThat(readWith(Map.of()).first().mounts().allows("/srv/models")).isFalse();
  }

  @Test
  void manyBadTrustedProxiesAreSummedUp() throws ConfigurationException {
    assertThat(read("HP_TRUSTED_PROXY_IPS", "a,b,c,d,e,f,g,10.0.0.1").remarks().warnings())
        .hasSize(6)
        .last()
        .asString()
        .contains("and 2 more");
  }

  @Test
  void aPlainConfigurationHasNoWarnings() throws ConfigurationException {
    assertThat(read("HP_SPOA_ADDRESS", "anything").remarks().warnings()).isEmpty();
  }

  @Test
  void namesAllMistakesAtOnce() {
    var values = Map.of("HP_TIMEOUT_CLIENT", "x", "HP_BLACKLIST_COUNT", "y", "HP_LOG_LEVEL", "z");

    var thrown =
        catchThrowableOfType(ConfigurationException.class, () -> Configuration.from(values, root));

    assertThat(thrown.mistakes())
        .extracting(Mistake::variable)
        .containsExactlyInAnyOrder(
            "HP_SHARED_KEY or HP_SHARED_KEY_FILE",
            "NC_INSTANCE_URL",
            "HP_TIMEOUT_CLIENT",
            "HP_BLACKLIST_COUNT",
            "HP_LOG_LEVEL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "''", "\"''\"", "-n", "-ne", "   "})
  @DisplayName("W5 a key that is empty once its quotes are removed is refused")
  void w5_aKeyThatIsEmptyOnceItsQuotesAreRemovedIsRefused(String key) {
    assertThatThrownBy(() -> read("HP_SHARED_KEY", key))
        .hasMessageContaining("an empty key once its quotes are removed");
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
  @DisplayName("F17 what is neither on nor off is a warning, for every switch")
  void f17_whatIsNeitherOnNorOffIsAWarning() throws ConfigurationException {
    var switches = Arrays.stream(Variable.values()).filter(Variable::isSwitch).toList();

    assertThat(switches).hasSizeGreaterThanOrEqualTo(6);
    for (var variable : switches) {
      assertThat(read(variable.name(), "maybe").remarks().warnings())
          .singleElement()
          .asString()
          .startsWith(variable + ": found 'maybe', expected true or false; using ");
    }
  }

  @Test
  void refusesAKeyFileThatIsMissingEmptyOrAFolder() throws IOException {
    var empty = Files.createFile(root.resolve("empty"));

    for (var file : List.of(root.resolve("missing"), empty, root)) {
      assertThatThrownBy(
              () -> readWith(Map.of("HP_SHARED_KEY_FILE", file.toString()), "HP_SHARED_KEY"))
          .hasMessageStartingWith("HP_SHARED_KEY_FILE: found '" + file)
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void refusesAKeyAndAKeyFileTogether() {
    assertThatThrownBy(() -> read("HP_SHARED_KEY_FILE", "/run/secrets/key"))
        .hasMessage("HP_SHARED_KEY and HP_SHARED_KEY_FILE: found both; expected one of them");
  }

  @Test
  void aBadValidityOfCertificatesThatExistOnlyWarns() throws Exception {
    Files.createDirectories(root.resolve("frp"));

    var read =
        readWith(Map.of("HP_CERTS_DIR", root.toString(), "HP_FRP_CERT_VALIDITY_DAYS", "forever"));

    assertThat(read.certificates().tunnelValidity()).isEqualTo(Duration.ofDays(5000));
    assertThat(read.remarks().warnings()).singleElement().asString().contains("'forever'");
  }

  @Test
  void saysLoudlyThatAMountedHaproxyConfigurationIsIgnored() throws Exception {
    Files.createFile(root.resolve("haproxy.cfg"));

    assertThat(readWith(Map.of()).remarks().warnings())
        .singleElement()
        .asString()
        .contains("/haproxy.cfg", "IGNORED");
  }

  @ParameterizedTest
  @CsvSource({
    "8192, 1024, true",
    "8192, 16895, true",
    "8192, 16896, false",
    "8192, unlimited, false",
    "200, 1024, false",
  })
  @DisplayName(
      "S1: fewer open files than connections need are a warning, at the start and of the doctor")
  void s1_tooFewOpenFilesAreAWarning(String connections, String files, boolean warned)
      throws Exception {
    Files.createDirectories(root.resolve("proc/self"));
    Files.writeString(
        root.resolve("proc/self/limits"),
        "Limit                     Soft Limit           Hard Limit           Units     \n"
            + "Max processes             63415                63415                processes \n"
            + "Max open files            "
            + files
            + "                524288               files     \n");

    var warnings = readWith(Map.of("HP_LIMIT_CONNECTIONS", connections)).remarks().warnings();

    assertThat(warnings).hasSize(warned ? 1 : 0);
    assertThat(warnings).allMatch(it -> it.startsWith("HP_LIMIT_CONNECTIONS: found 8192, and a"));
  }

  @Test
  @DisplayName("W27 neither the configuration nor its mistakes show the key")
  void w27_neitherTheConfigurationNorItsMistakesShowTheKey() throws Exception {
    assertThat(read("HP_LOG_LEVEL", "debug").toString()).doesNotContain(KEY);
    assertThatThrownBy(() -> read("HP_SHARED_KEY", "hush\"hush"))
        .hasMessageNotContaining("hush\"hush");
  }

  @Test
  @DisplayName("W29 listening on all addresses is seen from here as loopback of the same family")
  void w29_listeningOnAllAddressesIsSeenFromHereAsLoopbackOfTheSameFamily() {
    assertThat(ListenAddress.parse("[::]:8780").seenFromHere()).hasToString("[::1]:8780");
    assertThat(ListenAddress.parse("*:8780").seenFromHere()).hasToString("127.0.0.1:8780");
    assertThat(ListenAddress.parse("10.0.0.1:8780").seenFromHere()).hasToString("10.0.0.1:8780");
  }

  private Configuration read(String variable, String value) throws ConfigurationException {
    return value == null ? readWith(Map.of()) : readWith(Map.of(variable, value));
  }

  private Configuration readWith(Map<String, String> values, String... without)
      throws ConfigurationException {
    var environment = new HashMap<String, String>();
    environment.put("HP_SHARED_KEY", KEY);
    environment.put("NC_INSTANCE_URL", "https://cloud.example.com");
    environment.putAll(values);
    environment.keySet().removeAll(List.of(without));
    return Configuration.from(environment, root);
  }

  private static Arguments row(
      String variable, String value, Function<Configuration, Object> property, Object expected) {
    return Arguments.of(variable, value, property, expected);
  }

  private static Arguments mistake(String variable, String value, String said) {
    return Arguments.of(variable, value, said);
  }

  private static List<ListenAddress> at(String host, int port) {
    return List.of(new ListenAddress(host, port));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
