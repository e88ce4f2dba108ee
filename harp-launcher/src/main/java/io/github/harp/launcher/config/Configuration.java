// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import io.github.harp.cluster.HarpClusterOptions;
import io.github.harp.core.EngineNumber;
import io.github.harp.core.InstanceName;
import io.github.harp.core.access.BanAnswer;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.address.TrustedProxies;
import io.github.harp.core.instance.HostName;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.runtime.spec.MountRules;
import io.github.harp.kubernetes.config.ClusterSettings;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Variable;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.HarpProxyOptions.Limits;
import io.github.harp.proxy.HarpProxyOptions.Protocols;
import io.github.harp.proxy.HarpProxyOptions.Timeouts;
import io.github.harp.proxy.nextcloud.NextcloudAddress;
import io.github.harp.proxy.transport.TransportChoice;
import io.github.harp.proxy.upstream.LocalEngine;
import io.github.harp.tunnel.server.WebSockets;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the administrator wants, complete and checked.
 *
 * @param nextclouds whom to serve, the one of the variables first
 * @param several whether a file names those beside the first, be it none now
 * @param certificates where they are kept
 * @param nodes how to find other nodes; empty for a gateway of one
 */
public record Configuration(
    List<Nextcloud> nextclouds,
    boolean several,
    Listeners listeners,
    Access access,
    Http http,
    Tunnels tunnels,
    CertificateSettings certificates,
    Optional<Node> nodes,
    Operation operation,
    Remarks remarks) {

  public Configuration {
    nextclouds = List.copyOf(nextclouds);
  }

  /** Where no ExApp can be. */
  public List<InetSocketAddress> ownListeners() {
    var exApps = Stream.concat(listeners.exApps().stream(), listeners.exAppsTls().stream());
    var others =
        Stream.of(Optional.of(listeners.frp()), listeners.admin(), nodes.map(Node::address))
            .flatMap(Optional::stream);
    return Stream.concat(exApps, others).map(ListenAddress::toSocketAddress).toList();
  }

  /** The one of the variables. */
  public Nextcloud first() {
    return nextclouds.get(0);
  }

  /**
   * Reads the environment.
   *
   * @param environment variables by name
   * @param root the root of the file system, where files that the original reads are looked for
   * @throws ConfigurationException naming every mistake
   */
  public static Configuration from(Map<String, String> environment, Path root)
      throws ConfigurationException {
    return new ConfigurationReader(environment, root).read();
  }

  /**
   * Where the tunnels' listener is by these variables, whatever the others say.
   *
   * @throws ConfigurationException when that is no address
   */
  public static ListenAddress tunnelListener(Map<String, String> environment)
      throws ConfigurationException {
    var reading = new Environment(environment);
    var address = reading.require(Variable.HP_FRP_ADDRESS, ListenAddress::parse);
    reading.requireNoMistakes();
    return address;
  }

  /** How the proxy is to work; with TLS if its certificate is there now. */
  public HarpProxyOptions proxy() {
    var options =
        HarpProxyOptions.builder()
            .listen(sockets(listeners.exApps()))
            .timeouts(http.timeouts())
            .limits(http.limits())
            .protocols(http.protocols());
    var pem = certificates.tlsPem();
    return Files.exists(pem)
        ? options.tls(pem, sockets(listeners.exAppsTls())).build()
        : options.build();
  }

  private static InetSocketAddress[] sockets(List<ListenAddress> addresses) {
    return addresses.stream().map(ListenAddress::toSocketAddress).toArray(InetSocketAddress[]::new);
  }

  /**
   * Whom to serve.
   *
   * @param url base URL without {@code /index.php} and trailing slash
   * @param key what Nextcloud and engines show
   * @param hosts by which it is asked for; none for the first where it is for all that are no
   *     other's
   * @param places where its ExApps run
   */
  public record Nextcloud(
      InstanceName name, String url, SharedKey key, Set<HostName> hosts, Places places) {

    public Nextcloud {
      hosts = Set.copyOf(hosts);
    }

    /** The path of the URL, such as {@code /nextcloud}; empty when it has none. */
    public String folder() {
      try {
        return NextcloudAddress.parse(url).basePath();
      } catch (IllegalArgumentException notAUrl) {
        return "";
      }
    }

    /** Which folders of an engine's host its ExApps may see; the engines' sockets are guarded. */
    public MountRules mounts() {
      var setting = name.setting("HP_ALLOWED_MOUNTS", "allowed_mounts");
      return places.mounts().saidIn(setting);
    }

    /** Whether it is the same one, by whatever hosts it is asked for. */
    public boolean isAs(Nextcloud other) {
      return equals(new Nextcloud(other.name, other.url, other.key, hosts, other.places));
    }
  }

  /**
   * Where to listen.
   *
   * @param exApps plain HTTP for Nextcloud and the proxy in front
   * @param exAppsTls the same with TLS; used only when {@link CertificateSettings#tlsPem()} exists
   * @param frp tunnels
   * @param admin health and status; empty for none
   * @param adminWanted whether somebody asked for it; else HaRP starts without it when another
   *     program has the port
   * @param adminPublic whether the status page is at the public name as well
   */
  public record Listeners(
      List<ListenAddress> exApps,
      List<ListenAddress> exAppsTls,
      ListenAddress frp,
      Optional<ListenAddress> admin,
      boolean adminWanted,
      boolean adminPublic) {

    public Listeners {
      exApps = List.copyOf(exApps);
      exAppsTls = List.copyOf(exAppsTls);
    }
  }

  /**
   * Who is believed, and when somebody is locked out.
   *
   * @param trustedProxies proxies whose forwarded-for headers are believed
   * @param sessionLifetime how long Nextcloud's word on a session holds; zero for not at all
   * @param banWindow how long a failure counts; zero or less for not at all
   * @param banCount how many failures within the window ban an address, at least 1
   * @param banAnswer which of the banned are told
   */
  public record Access(
      TrustedProxies trustedProxies,
      Duration sessionLifetime,
      Duration banWindow,
      int banCount,
      BanAnswer banAnswer) {}

  /**
   * How requests and their answers are passed on.
   *
   * @param protocols which optional parts of HTTP
   */
  public record Http(Timeouts timeouts, Limits limits, Protocols protocols) {}

  /**
   * The frp server.
   *
   * @param tls whether only TLS with a client certificate is accepted
   * @param quic where its clients may come over QUIC; empty where they may not
   * @param webSockets whether its clients may come by WebSocket, through the front door as well
   * @param exAppKey what a new container gets to dial in with
   * @param fromCluster where pods reach it; empty where ExApps in a cluster do not dial in
   * @param stun where clients are told how they are seen; empty where they are not
   */
  public record Tunnels(
      boolean tls,
      Optional<ListenAddress> quic,
      WebSockets webSockets,
      ExAppKey exAppKey,
      Optional<ListenAddress> fromCluster,
      Optional<StunSettings> stun) {

    /** What stands in {@code HP_SHARED_KEY} of a container that we create. */
    public enum ExAppKey {
      /** A token that opens its own tunnel and nothing else. */
      TOKEN,
      /** The shared key itself, as the original does. */
      SHARED;

      static ExAppKey parse(String text) {
        return switch (text) {
          case "token" -> TOKEN;
          case "shared" -> SHARED;
          default -> throw new IllegalArgumentException("token or shared");
        };
      }
    }
  }

  /**
   * One of several nodes.
   *
   * @param address where it listens for the others
   * @param advertised where they reach that; port 0 is the one that it listens at
   */
  public record Node(HarpClusterOptions options, ListenAddress address, ListenAddress advertised) {

    /**
     * @param port at which it listens in the end
     */
    public ListenAddress reachedAt(int port) {
      return advertised.port() == 0 ? new ListenAddress(advertised.host(), port) : advertised;
    }
  }

  /**
   * Where ExApps run.
   *
   * @param engines container engines that need no tunnel, by number
   * @param allowedMounts folders and sockets of an engine's host that containers may see
   * @param cluster where ExApps run beside the engines; empty for none
   */
  public record Places(
      Map<EngineNumber, LocalEngine> engines,
      List<String> allowedMounts,
      Optional<ClusterSettings> cluster) {

    public Places {
      engines = Map.copyOf(engines);
      allowedMounts = List.copyOf(allowedMounts);
    }

    private MountRules mounts() {
      var sockets =
          engines.values().stream()
              .flatMap(engine -> engine.socket().stream())
              .map(socket -> socket.normalize().toString())
              .toList();
      return MountRules.none().guarding(sockets).allowing(allowedMounts);
    }

    /** What AppAPI is told of as the cluster's namespace, also where there is no cluster. */
    public String namespace() {
      return cluster
          .map(ClusterSettings::namespace)
          .orElseGet(Variable.HP_K8S_NAMESPACE::defaultValue);
    }
  }

  /**
   * How the process works, says what it does, and ends.
   *
   * @param shutdownGrace how long running requests may take to end when HaRP stops
   * @param traces the variables of OpenTelemetry
   */
  public record Operation(
      TransportChoice transport,
      Duration shutdownGrace,
      LogSettings log,
      Watchdog watchdog,
      Map<String, String> traces) {

    public Operation {
      traces = Map.copyOf(traces);
    }

    /** They may hold what opens a collector. */
    @Override
    public String toString() {
      return "Operation[" + transport + ", " + shutdownGrace + ", " + log + ", " + watchdog + "]";
    }
  }

  /**
   * When a process that no longer reacts is given up.
   *
   * @param interval between two looks
   * @param fails how many in a row must go wrong
   */
  public record Watchdog(boolean enabled, Duration interval, int fails) {}

  /**
   * What is to be said of all this in the log.
   *
   * @param alarms what works but lets strangers in, as errors at each start
   * @param warnings what is odd but does not keep HaRP from working
   */
  public record Remarks(List<String> alarms, List<String> warnings) {

    public Remarks {
      alarms = List.copyOf(alarms);
      warnings = List.copyOf(warnings);
    }
  }
}
