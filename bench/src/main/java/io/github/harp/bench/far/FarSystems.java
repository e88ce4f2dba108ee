// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.peers.harp.HarpVariant;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.OwnJvm;
import io.github.harp.bench.process.Toolbox;
import io.github.harp.tunnel.config.VisitorExport;
import io.github.harp.tunnel.config.VisitorExport.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What runs on the hosts of a {@link FarLab}: servers, each started once, and their clients. */
final class FarSystems {
  /** Where an ExApp listens on the worker. */
  static final int EXAPP_PORT = 8000;

  private static final int NEXTCLOUD_PORT = 8080;
  private static final int FRONT_PORT = 8780;
  private static final int STUN_PORT = 3478;
  private static final VisitorExport PEERS = new VisitorExport("bulk/", "known to both");

  /** Who is dialled. */
  enum Dialled {
    HARP(8782, "tcp"),
    HARP_QUIC(8782, "quic"),
    FRPS(7000, "tcp"),
    FRPS_QUIC(7001, "quic");

    private final int port;
    private final String protocol;

    Dialled(int port, String protocol) {
      this.port = port;
      this.protocol = protocol;
    }
  }

  private final FarLab far;
  private final HarpVariant variant;
  private final Toolbox tools;
  private final Map<Dialled, Daemon> owners = new EnumMap<>(Dialled.class);
  private int clients;
  private @Nullable Daemon harp;
  private @Nullable Daemon frps;

  FarSystems(FarLab far, HarpVariant variant, Toolbox tools) {
    this.far = far;
    this.variant = variant;
    this.tools = tools;
    far.serve(Host.WORKER, EXAPP_PORT);
  }

  /** HaRP, with all that is optional. */
  Daemon harp() {
    if (harp != null) {
      return harp;
    }
    var nextcloud =
        OwnJvm.command(
            FarNextcloud.class,
            List.of("-XX:+UseSerialGC", "-Xmx64m"),
            String.valueOf(NEXTCLOUD_PORT));
    far.start(Host.SERVER, "nextcloud", Map.of(), nextcloud);
    var environment = new HashMap<>(environment());
    environment.put("HP_SHARED_KEY", Place.SHARED_KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + NEXTCLOUD_PORT);
    environment.put("HP_EXAPPS_ADDRESS", "0.0.0.0:" + FRONT_PORT);
    environment.put("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:8781");
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:8200");
    environment.put("HP_FRP_ADDRESS", "0.0.0.0:" + Dialled.HARP.port);
    environment.put("HP_FRP_QUIC_ADDRESS", "0.0.0.0:" + Dialled.HARP_QUIC.port);
    environment.put("HP_STUN_ADDRESS", "0.0.0.0:" + STUN_PORT);
    environment.put("HP_STUN_ADVERTISE", Host.SERVER.address());
    environment.put("HP_LOG_LEVEL", "info");
    environment.put("HP_CERTS_DIR", far.folder().resolve("certs").toString());
    var started = far.start(Host.SERVER, "harp", environment, program("serve")).awaitLog("ready:");
    harp = started;
    for (var file : List.of("client.crt", "client.key", "ca.crt")) {
      try {
        Files.copy(certificates().resolve(file), far.folder().resolve(file));
      } catch (IOException e) {
        throw new BenchException(file + " cannot be copied", e);
      }
    }
    return started;
  }

  /** frps with HaRP's certificates, by TCP and QUIC. */
  Daemon frps() {
    if (frps != null) {
      return frps;
    }
    harp();
    var toml =
        """
        bindPort = %d
        quicBindPort = %d
        proxyBindAddr = "127.0.0.1"
        log.disablePrintColor = true
        transport.tls.force = true
        transport.tls.certFile = "%4$s/server.crt"
        transport.tls.keyFile = "%4$s/server.key"
        transport.tls.trustedCaFile = "%4$s/ca.crt"
        """
            .replace("%4$s", certificates().toString())
            .formatted(Dialled.FRPS.port, Dialled.FRPS_QUIC.port);
    var program = List.of(tools.frps().path().toString(), "-c", far.write("frps.toml", toml) + "");
    var started =
        far.start(Host.SERVER, "frps", Map.of(), program).awaitLog("frps started successfully");
    frps = started;
    return started;
  }

  /** Through nginx and PHP. */
  Way php() {
    return PhpProxy.on(far, tools);
  }

  /** A request of the user through HaRP, as it is by default, and a tunnel to the worker. */
  Way through() {
    var local = harpTunnel(Dialled.HARP, false);
    var url = local.url().replace("127.0.0.1", Host.SERVER.address());
    return new Way(Host.USER, url, List.of(harp()));
  }

  /**
   * From the server's host through HaRP and a tunnel.
   *
   * @param ours whether the worker runs {@code harp tunnel} instead of frpc
   */
  Way harpTunnel(Dialled how, boolean ours) {
    int number = clients++;
    harp();
    tunnel(how, ours, number, FarNextcloud.port(number));
    var url = "http://127.0.0.1:" + FRONT_PORT + "/exapps/" + FarNextcloud.id(number);
    return reached(new Way(Host.SERVER, url, List.of(harp())));
  }

  /** From the server's host through frps and a tunnel of the same frpc. */
  Way frpsTunnel(Dialled how) {
    int number = clients++;
    int port = FarNextcloud.port(number) + 500;
    var server = frps();
    tunnel(how, false, number, port);
    return reached(new Way(Host.SERVER, "http://127.0.0.1:" + port, List.of(server)));
  }

  private Way reached(Way way) {
    far.awaitAnswer(way.from(), way.url() + "/small");
    return way;
  }

  private void tunnel(Dialled server, boolean ours, int number, int remotePort) {
    var proxy =
        """
        transport.protocol = "%s"
        [[proxies]]
        name = "%s"
        type = "tcp"
        localPort = %d
        remotePort = %d
        """
            .formatted(server.protocol, FarNextcloud.id(number), EXAPP_PORT, remotePort);
    client(Host.WORKER, "tunnel-" + number, ours, login(server) + proxy)
        .awaitLog(ours ? "logged in" : "start proxy success");
  }

  /**
   * Straight from the user's host to the worker's.
   *
   * @param ours whether both are {@code harp tunnel} instead of frpc
   * @param peersCost whether their time counts, and not the server's
   */
  Way straight(Dialled server, boolean ours, boolean peersCost) {
    var owner = ownerOnce(server, ours);
    int port = ours ? 23_000 : 23_001;
    var visitor = visitor(server, ours, port, true);
    var way =
        new Way(
            Host.USER,
            "http://127.0.0.1:" + port,
            peersCost
                ? List.of(owner, visitor)
                : List.of(server == Dialled.HARP ? harp() : frps()));
    far.awaitAnswer(Host.USER, way.url() + "/small");
    visitor.awaitLog(ours ? "goes straight" : "establishing nat hole connection successful");
    return way;
  }

  /** The worker's side of straight ways; started once. */
  Daemon ownerOnce(Dialled server, boolean ours) {
    return owners.computeIfAbsent(
        server,
        dialled -> {
          var unused = dialled == Dialled.HARP ? harp() : frps();
          var toml = login(dialled) + PEERS.owner(EXAPP_PORT);
          return client(Host.WORKER, "owner-" + dialled, ours, toml)
              .awaitLog(ours ? "visitors (stcp)" : "[bulk/relayed] start proxy success");
        });
  }

  /**
   * The user's side.
   *
   * @param bindPort where the ExApp is then, on the user's loopback
   * @param atOnce whether the way is sought before somebody comes
   */
  Daemon visitor(Dialled server, boolean ours, int bindPort, boolean atOnce) {
    var toml =
        visitorText(server, bindPort)
            .replace("keepTunnelOpen = true", "keepTunnelOpen = " + atOnce);
    return client(Host.USER, "visitor-" + server, ours, toml)
        .awaitLog(ours ? "logged in" : "login to server success");
  }

  private static String visitorText(Dialled server, int bindPort) {
    var there = new Server(Host.SERVER.address(), server.port, OptionalInt.of(STUN_PORT));
    return PEERS.visitor(there, Place.SHARED_KEY, Instant.EPOCH, bindPort);
  }

  /** What both sides begin with. */
  private static String login(Dialled server) {
    var text = visitorText(server, 1);
    return text.substring(0, text.indexOf("[[visitors]]"));
  }

  private Daemon client(Host host, String name, boolean ours, String toml) {
    var file = far.write(name + ".toml", toml).toString();
    var command =
        ours ? program("tunnel", "-c", file) : List.of(tools.frpc().path().toString(), "-c", file);
    return far.start(host, name, ours ? environment() : Map.of(), command);
  }

  private Map<String, String> environment() {
    return variant.startEnvironment(far.folder().resolve("archives"));
  }

  private List<String> program(String... arguments) {
    return Stream.concat(variant.start().stream(), Stream.of(arguments)).toList();
  }

  private Path certificates() {
    return far.folder().resolve("certs").resolve("frp");
  }
}
