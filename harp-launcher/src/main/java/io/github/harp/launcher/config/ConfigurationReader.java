// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.*;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.InstanceName;
import io.github.harp.core.access.BanAnswer;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.launcher.config.Configuration.Access;
import io.github.harp.launcher.config.Configuration.Http;
import io.github.harp.launcher.config.Configuration.Listeners;
import io.github.harp.launcher.config.Configuration.Nextcloud;
import io.github.harp.launcher.config.Configuration.Operation;
import io.github.harp.launcher.config.Configuration.Places;
import io.github.harp.launcher.config.Configuration.Remarks;
import io.github.harp.launcher.config.Configuration.Tunnels;
import io.github.harp.launcher.config.Configuration.Watchdog;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.HaproxyDuration;
import io.github.harp.launcher.config.environment.Numbers;
import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.HarpProxyOptions.Limits.Requests;
import io.github.harp.proxy.HarpProxyOptions.Protocols;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.ToUpstream;
import io.github.harp.proxy.HarpProxyOptions.Timeouts.Upgraded;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.proxy.upstream.LocalEngine;
import io.github.harp.tunnel.server.WebSockets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the original's variables with the original's leniency. What the original started with only
 * warns here; what stopped it, or left it without protection, is a mistake.
 */
final class ConfigurationReader {

  /** How many of equal warnings are worth a line each. */
  private static final int SHOWN = 5;

  private static final Path DOCKER_SOCKET = Path.of("/var/run/docker.sock");
  private static final List<String> FILES_OF_THE_ORIGINAL =
      List.of(
          "haproxy.cfg",
          "frps.toml",
          "frpc-docker.toml",
          "run/harp/haproxy.cfg",
          "run/harp/frps.toml",
          "run/harp/frpc-docker.toml");

  private final Environment environment;
  private final Path root;

  ConfigurationReader(Map<String, String> values, Path root) {
    this.environment = new Environment(values);
    this.root = root;
  }

  Configuration read() throws ConfigurationException {
    var key = new SharedKeySource(environment).read();
    var certificates = CertificateSettings.read(environment);
    var url = nextcloudUrl();
    var places = places();
    var file = new InstancesFile(environment);
    var others = file.read(key, places.cluster());
    var listeners = listeners();
    var access = access();
    var http = new Http(timeouts(), limits(), protocols());
    var tunnels = tunnels();
    var nodes = new NodesReader(environment, root).read();
    var operation = operation();
    warnOfIgnored();
    environment.requireNoMistakes();
    var first =
        new Nextcloud(InstanceName.FIRST, url, SharedKey.of(key.reveal()), file.ownHosts(), places);
    var nextclouds = Stream.concat(Stream.of(first), others.stream()).toList();
    nextclouds.forEach(this::warnOfOpenings);
    OpenFiles.shortage(root, http.limits().connections())
        .ifPresent(text -> environment.warn(HP_LIMIT_CONNECTIONS, text));
    return new Configuration(
        nextclouds,
        !environment.text(HP_INSTANCES_FILE).isEmpty(),
        listeners,
        access,
        http,
        tunnels,
        certificates,
        nodes,
        operation,
        new Remarks(environment.alarms(), environment.warnings()));
  }

  private String nextcloudUrl() {
    var url = environment.text(NC_INSTANCE_URL);
    if (url.isEmpty()) {
      environment.mistake(
          NC_INSTANCE_URL, "nothing", "the URL of Nextcloud, such as https://cloud.example.com");
      return url;
    }
    try {
      NextcloudAddress.parse(url);
    } catch (IllegalArgumentException e) {
      environment.warn(
          NC_INSTANCE_URL,
          "found "
              + Environment.quoted(withoutPassword(url))
              + ": "
              + e.getMessage()
              + "; no ExApp can be looked up");
    }
    return bare(withoutPassword(url));
  }

  private Listeners listeners() {
    return new Listeners(
        binds(HP_EXAPPS_ADDRESS),
        binds(HP_EXAPPS_HTTPS_ADDRESS),
        environment.require(HP_FRP_ADDRESS, ListenAddress::parse),
        environment.require(HP_ADMIN_ADDRESS, ConfigurationReader::addressOrOff),
        environment.isSet(HP_ADMIN_ADDRESS),
        environment.isOn(HP_ADMIN_PUBLIC));
  }

  /** A bind line of HAProxy: addresses, and options that mean nothing here. */
  private List<ListenAddress> binds(Variable variable) {
    var words = environment.text(variable).strip().split("\\s+", 2);
    if (words.length > 1) {
      environment.warn(
          variable, "ignored " + Environment.quoted(words[1]) + ", expected addresses only");
    }
    return environment.require(
        variable, text -> ListenAddress.parseList(text.strip().split("\\s+", 2)[0]));
  }

  private Access access() {
    var window = environment.require(HP_BLACKLIST_WINDOW, Numbers::whole);
    if (window <= 0) {
      environment.warn(HP_BLACKLIST_WINDOW, "found " + window + "; nobody is ever banned");
    }
    return new Access(
        trustedProxies(),
        environment.require(HP_SESSION_LIFETIME, Numbers::sessionLifetime),
        Duration.ofSeconds(Math.max(0, window)),
        environment.require(HP_BLACKLIST_COUNT, Numbers.atLeastOne("failures")),
        environment.require(HP_BLACKLIST_ANSWER, ConfigurationReader::banAnswer));
  }

  private static BanAnswer banAnswer(String text) {
    return switch (text) {
      case "browser" -> BanAnswer.BROWSER;
      case "always" -> BanAnswer.ALWAYS;
      case "drop" -> BanAnswer.DROP;
      default -> throw new IllegalArgumentException("browser, always or drop");
    };
  }

  /** Any entry may be bad: the others hold. */
  private TrustedProxies trustedProxies() {
    var proxies = TrustedProxies.parse(environment.text(HP_TRUSTED_PROXY_IPS));
    warnOfSome(proxies.errors());
    warnOfSome(proxies.warnings());
    return proxies;
  }

  private void warnOfSome(List<String> texts) {
    texts.stream().limit(SHOWN).forEach(text -> environment.warn(HP_TRUSTED_PROXY_IPS, text));
    if (texts.size() > SHOWN) {
      environment.warn(HP_TRUSTED_PROXY_IPS, "and " + (texts.size() - SHOWN) + " more like these");
    }
  }

  private Timeouts timeouts() {
    var server = environment.require(HP_TIMEOUT_SERVER, HaproxyDuration::parse);
    return new Timeouts(
        environment.require(HP_TIMEOUT_CLIENT, HaproxyDuration::parse),
        new ToUpstream(environment.require(HP_TIMEOUT_CONNECT, HaproxyDuration::parse), server),
        new Upgraded(
            environment.require(
                HP_TIMEOUT_TUNNEL, text -> text.isEmpty() ? server : HaproxyDuration.parse(text))));
  }

  private Limits limits() {
    return new Limits(
        environment.require(HP_LIMIT_CONNECTIONS, Numbers.atLeastOne("connections")),
        new Requests(
            environment.require(HP_LIMIT_CLIENT, Numbers::countOrNone),
            environment.require(HP_LIMIT_EXAPP, Numbers::countOrNone)));
  }

  private Tunnels tunnels() {
    return new Tunnels(
        !environment.isOn(HP_FRP_DISABLE_TLS),
        environment.require(HP_FRP_QUIC_ADDRESS, ConfigurationReader::addressIfAny),
        environment.require(HP_FRP_WEBSOCKET, ConfigurationReader::webSockets),
        environment.require(HP_EXAPP_KEY, Tunnels.ExAppKey::parse),
        environment.require(HP_K8S_FRP_ADDRESS, ConfigurationReader::fromCluster),
        StunSettings.read(environment));
  }

  private static Optional<ListenAddress> addressIfAny(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(ListenAddress.parse(text));
  }

  private static WebSockets webSockets(String text) {
    return switch (text) {
      case "certificate" -> WebSockets.LIKE_OTHERS;
      case "key" -> WebSockets.CREDENTIAL_BEHIND_PROXY;
      case "off" -> WebSockets.OFF;
      default -> throw new IllegalArgumentException("certificate, key or off");
    };
  }

  private static Optional<ListenAddress> fromCluster(String text) {
    var address = addressIfAny(text);
    if (address.filter(it -> it.port() == 0 || !it.equals(it.seenFromHere())).isPresent()) {
      throw new IllegalArgumentException(
          "the address and port that pods reach this HaRP at, such as harp.example.com:8782");
    }
    return address;
  }

  private Places places() {
    return new Places(
        environment.isSet(HP_DOCKER_ENGINES)
            ? environment.require(HP_DOCKER_ENGINES, LocalEngine::parseAll)
            : Map.of(EngineNumber.FIRST, new LocalEngine.Unix(DOCKER_SOCKET)),
        environment.require(HP_ALLOWED_MOUNTS, ConfigurationReader::absolutePaths),
        new ClusterReader(environment).read());
  }

  private void warnOfOpenings(Nextcloud nextcloud) {
    var rules = nextcloud.mounts();
    for (var opening : rules.openings()) {
      environment.warn(
          rules.setting()
              + ": '"
              + opening.folder()
              + "' allows "
              + opening.place()
              + ": an ExApp that mounts it owns the engine's host");
    }
  }

  private Operation operation() {
    return new Operation(
        environment.require(HP_TRANSPORT, ConfigurationReader::transport),
        environment.require(HP_SHUTDOWN_GRACE, HaproxyDuration::parse),
        LogSettings.read(environment),
        watchdog(),
        environment.beginningWith("OTEL_"));
  }

  private Watchdog watchdog() {
    return new Watchdog(
        environment.isOn(HP_WATCHDOG_ENABLED),
        Duration.ofSeconds(
            environment.orDefault(HP_WATCHDOG_INTERVAL, Numbers.atLeastOne("seconds"))),
        environment.orDefault(HP_WATCHDOG_FAILS, Numbers.atLeastOne("failures")));
  }

  private void warnOfIgnored() {
    // Also of those that have no effect: somebody has meant something by them.
    Arrays.stream(Variable.values()).filter(Variable::isSwitch).forEach(environment::isOn);
    for (var name : FILES_OF_THE_ORIGINAL) {
      if (Files.exists(root.resolve(name))) {
        environment.warn(
            "/"
                + name
                + ": found a configuration of the original's parts, which HaRP for the JVM does not"
                + " have; IT IS IGNORED, expected settings as HP_ variables");
      }
    }
    environment.warnOfUnknown();
  }

  private Protocols protocols() {
    var earlyHints = environment.isOn(HP_EARLY_HINTS);
    return environment.require(HP_UPGRADES, text -> new Protocols(names(text), earlyHints));
  }

  private static Set<String> names(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toSet());
  }

  private static TransportChoice transport(String text) {
    return Arrays.stream(TransportChoice.values())
        .filter(choice -> choice.name().equalsIgnoreCase(text))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("auto, io_uring, epoll or nio"));
  }

  private static Optional<ListenAddress> addressOrOff(String text) {
    return text.isEmpty() || text.equals("off")
        ? Optional.empty()
        : Optional.of(ListenAddress.parse(text));
  }

  static List<String> absolutePaths(String text) {
    var paths =
        Arrays.stream(text.split(",")).map(String::strip).filter(p -> !p.isEmpty()).toList();
    try {
      MountRules.none().allowing(paths);
      return paths;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "absolute paths without '..' and with commas between them, such as /srv/models", e);
    }
  }

  /** One with a password is of no use anyway; here it is kept out of logs. */
  static String withoutPassword(String url) {
    return url.replaceFirst("//[^/]*@", "//…@");
  }

  /** A URL without what may stand at its end. */
  static String bare(String url) {
    return withoutEnd(withoutEnd(url, "/"), "/index.php");
  }

  private static String withoutEnd(String text, String end) {
    return text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
  }
}
