// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.peers.place.Place;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.target.Peer;
import io.github.harp.bench.target.Protocol;
import io.github.harp.bench.target.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The original HaRP, without tunnels: its Python agent, and this machine's HAProxy with its
 * configuration. The agent's own HTTP server has a fixed port, so only one can run.
 */
final class OriginalPeer implements Peer {
  private static final String FOLDER = "HARP_ORIGINAL";
  private static final Map<String, String> SESSION =
      Map.of("Cookie", "oc_sessionPassphrase=bench-passphrase; " + Place.SESSION_COOKIE);

  private final int port;
  private final Daemon agent;
  private final Daemon haproxy;

  OriginalPeer(Place place, Path original) {
    port = place.freePort();
    int agentPort = place.freePort();
    var environment = new HashMap<String, String>();
    environment.put("HP_SHARED_KEY", Place.SHARED_KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + place.backend().nextcloudPort());
    environment.put("HP_SPOA_ADDRESS", "127.0.0.1:" + agentPort);
    environment.put("HP_LOG_LEVEL", "WARNING");
    agent =
        Daemon.start(
                "original-agent",
                place.folder(),
                List.of(python(original), original.resolve("haproxy_agent.py").toString()),
                environment)
            .awaitPort(agentPort);
    var spoe = place.write("original-spoe.conf", read(original.resolve("spoe-agent.conf")));
    var config =
        place.write("original.cfg", config(original, "127.0.0.1:" + port, environment, spoe));
    haproxy =
        place
            .start("original-haproxy", place.tools().haproxy(), "-db", "-f", config.toString())
            .awaitPort(port);
    awaitService(App.PLAIN);
  }

  /** Where its repository is checked out; empty when the environment does not say. */
  static Optional<Path> folder() {
    return Optional.ofNullable(System.getenv(FOLDER))
        .filter(name -> !name.isEmpty())
        .map(Path::of)
        .map(Path::toAbsolutePath);
  }

  @Override
  public Target target(App app, Protocol protocol) {
    var headers = app == App.ROUTED ? SESSION : Map.<String, String>of();
    return new Target(port, false, app.pathPrefix(), headers);
  }

  @Override
  public Stream<Long> pids() {
    return Stream.concat(haproxy.pids(), agent.pids());
  }

  @Override
  public void close() {
    haproxy.close();
    agent.close();
  }

  /** One in the folder's own environment, which has the packages that its Dockerfile names. */
  private static String python(Path original) {
    var own = original.resolve("venv/bin/python");
    return Files.isExecutable(own) ? own.toString() : "python3";
  }

  /** What its start script makes of the template without a certificate for HTTPS. */
  private static String config(
      Path original, String address, Map<String, String> environment, Path spoe) {
    var values = new HashMap<>(environment);
    values.putAll(
        Map.of(
            "HP_EXAPPS_ADDRESS", address,
            "HP_LOG_LEVEL_HAPROXY", "warning",
            "HP_TIMEOUT_CONNECT", "30s",
            "HP_TIMEOUT_CLIENT", "30s",
            "HP_TIMEOUT_SERVER", "1800s",
            "HP_TIMEOUT_TUNNEL", "1800s"));
    var text = new StringBuilder();
    read(original.resolve("haproxy.cfg.template"))
        .lines()
        .filter(line -> !line.startsWith("_HTTPS_FRONTEND_"))
        .forEach(line -> text.append(line).append('\n'));
    var config = text.toString().replace("/etc/haproxy/spoe-agent.conf", spoe.toString());
    for (var value : values.entrySet()) {
      config = config.replace("${" + value.getKey() + "}", value.getValue());
    }
    return config;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BenchException(
          FOLDER + " names no checkout of the original: " + file + " cannot be read", e);
    }
  }
}
