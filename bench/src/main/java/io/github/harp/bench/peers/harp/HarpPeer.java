// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.harp;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.FrpClient;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * HaRP as its users start it: the runnable JAR or the start script, and environment variables,
 * everything at its default.
 */
public final class HarpPeer implements Peer {
  /** What a browser of a logged-in user sends. */
  private static final Map<String, String> SESSION =
      Map.of("Cookie", "oc_sessionPassphrase=bench-passphrase; " + Place.SESSION_COOKIE);

  private static final Duration REHEARSAL = Duration.ofMinutes(2);

  private final Place place;
  private final int port;
  private final int tlsPort;
  private final int frpPort;
  private final Path certs;
  private final List<String> command;
  private final Map<String, String> environment;
  private final List<FrpClient> clients = new ArrayList<>();
  private Daemon harp;

  private HarpPeer(Place place, HarpVariant variant, Path certs) {
    this.place = place;
    this.port = place.freePort();
    this.tlsPort = place.freePort();
    this.frpPort = place.freePort();
    this.certs = certs;
    command = Stream.concat(variant.start().stream(), Stream.of("serve")).toList();
    environment = new HashMap<>(variant.startEnvironment(place.folder("archives")));
    environment.put("HP_SHARED_KEY", Place.SHARED_KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + place.backend().nextcloudPort());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    environment.put("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:" + tlsPort);
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + frpPort);
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:" + place.freePort());
    environment.put("HP_CERTS_DIR", certs.toString());
    if (variant.script().isPresent()) {
      rehearse(variant);
    }
    harp = start();
  }

  /** Starts it and waits until it accepts connections. */
  public static HarpPeer start(Place place, HarpVariant variant) {
    var certs = place.freshFolder("certs");
    place.copy(place.certificates().httpsPem(), certs.resolve("cert.pem"));
    var peer = new HarpPeer(place, variant, certs);
    peer.harp.awaitPort(peer.port).awaitPort(peer.tlsPort);
    return peer;
  }

  /**
   * Starts it without waiting, for who measures how long it takes.
   *
   * @param certs as users have it from the second start on: what an earlier one put there, and no
   *     certificate for HTTPS
   */
  public static HarpPeer launch(Place place, HarpVariant variant, Path certs) {
    return new HarpPeer(place, variant, certs);
  }

  /** Starts it with a real frpc for each tunnelled application, whose cost counts, too. */
  public static HarpPeer startWithTunnels(Place place, HarpVariant variant) {
    var peer = start(place, variant);
    peer.harp.awaitPort(peer.frpPort);
    for (var app : Place.TUNNELLED) {
      peer.clients.add(
          new FrpClient(place, app, peer.frpPort, app.tunnelPort(), peer.certs.resolve("frp")));
      peer.awaitService(app);
    }
    return peer;
  }

  /** Ends it and starts it again at the same ports, with what it had kept; waits for nothing. */
  void restart() {
    harp.close();
    harp = start();
  }

  /** Where tunnels dial in. */
  public int frpPort() {
    return frpPort;
  }

  /** The folder with {@code client.crt}, {@code client.key} and {@code ca.crt}. */
  public Path frpCertificates() {
    return certs.resolve("frp");
  }

  @Override
  public Target target(App app, Protocol protocol) {
    var headers = app == App.ROUTED ? SESSION : Map.<String, String>of();
    return new Target(
        protocol.isTls() ? tlsPort : port, protocol.isTls(), app.pathPrefix(), headers);
  }

  /** Whether its process lives. */
  public boolean isAlive() {
    return ProcessHandle.of(pid()).map(ProcessHandle::isAlive).orElse(false);
  }

  /** HaRP's own process. */
  public long pid() {
    return harp.pid();
  }

  @Override
  public Stream<Long> pids() {
    return Stream.concat(harp.pids(), clients.stream().flatMap(FrpClient::pids));
  }

  @Override
  public void close() {
    clients.forEach(FrpClient::close);
    harp.close();
  }

  private Daemon start() {
    return Daemon.start("harp-" + port, place.folder(), command, environment);
  }

  /** Makes the archive of classes, which the image has in it, unless an earlier start did. */
  private void rehearse(HarpVariant variant) {
    try {
      Files.createDirectories(Path.of(environment.getOrDefault("HARP_ARCHIVE_DIR", "")));
    } catch (IOException e) {
      throw new BenchException("no folder for an archive can be made in " + place.folder(), e);
    }
    var archive = Stream.concat(variant.start().stream(), Stream.of("archive")).toList();
    Daemon.start("archive-" + port, place.folder(), archive, environment).awaitEnd(REHEARSAL);
  }
}
