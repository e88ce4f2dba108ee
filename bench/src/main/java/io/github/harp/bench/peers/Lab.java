// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.FreePorts;
import io.github.harp.bench.process.Tool;
import io.github.harp.bench.process.Toolbox;
import io.github.harp.bench.target.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The place where systems are set up: a folder for configurations and logs, ports, certificates,
 * the backend, and the systems that run. Closing it stops them all and removes the folder. For one
 * thread.
 */
public final class Lab implements AutoCloseable {
  /** The secret of every system that needs one. */
  public static final String SHARED_KEY = "bench-shared-key-0123456789abcdef";

  /** Of the one user who is logged in. */
  public static final String SESSION_COOKIE = "oc1234567890=bench-session";

  /** HaRP on io_uring, whatever the others use. */
  public static final String ON_IO_URING = "harp-io_uring";

  /** What follows a HaRP's name when a tunnel belongs to it. */
  public static final String WITH_TUNNEL = "-frp";

  /** What follows it when it has room for many connections. */
  public static final String ROOMY = "-roomy";

  /** The original HaRP, where the environment names its folder. */
  public static final String ORIGINAL = "original";

  /** What follows it when a thousand do. */
  public static final String WITH_CROWD = "-1000";

  /** The applications at the far end of a tunnel. */
  static final List<App> TUNNELLED = List.of(App.TUNNELLED, App.TUNNELLED_LIVE);

  private final Toolbox tools;
  private final Path folder;
  private final boolean keepsFolder;
  private final FreePorts ports = new FreePorts();
  private final Certificates certificates;
  private @Nullable Backend backend;
  private final Map<String, Supplier<Peer>> known = new HashMap<>();
  private final Map<String, HarpVariant> variants = new HashMap<>();
  private final Map<String, Peer> running = new HashMap<>();
  private final List<Runnable> atRetirement = new ArrayList<>();

  /**
   * Sets up the folder and starts nothing.
   *
   * @param keepsFolder leave configurations and logs behind
   */
  public Lab(Toolbox tools, boolean keepsFolder) {
    this.tools = tools;
    this.keepsFolder = keepsFolder;
    try {
      folder = Files.createTempDirectory("harp-bench");
    } catch (IOException e) {
      throw new BenchException("no temporary folder can be made", e);
    }
    certificates = new Certificates(tools.openssl(), folder("certs"));
    known.put("direct", () -> new DirectPeer(backend()));
    known.put(
        "haproxy",
        () ->
            new HaproxyPeer(
                this,
                List.of(App.PLAIN, App.LIVE, App.LIVE_ELSEWHERE),
                app -> backend().port(app)));
    known.put("nginx", () -> new NginxPeer(this));
    known.put("haproxy-frp", () -> new HaproxyFrpPeer(this));
    known.put("frps", () -> new FrpsPeer(this));
    OriginalPeer.folder()
        .ifPresent(original -> known.put(ORIGINAL, () -> new OriginalPeer(this, original)));
    known.put("tunnel-server", () -> new TunnelServerPeer(this));
  }

  /** Makes a way to start HaRP known as {@code name}, and with tunnels as {@code name-frp}. */
  public void add(String name, HarpVariant variant) {
    known.put(name, () -> HarpPeer.start(this, variant));
    known.put(name + WITH_TUNNEL, () -> HarpPeer.startWithTunnels(this, variant));
    known.put(name + WITH_CROWD, () -> CrowdedPeer.start(this, variant));
    variants.put(name, variant);
  }

  /** HaRP with a thousand tunnels, which the caller closes. */
  public CrowdedPeer crowded(String name) {
    var variant = variants.get(name);
    if (variant == null) {
      throw new BenchException("HaRP '" + name + "' is unknown; there are " + variants.keySet());
    }
    return CrowdedPeer.start(this, variant);
  }

  /** Whether a system can be started here. */
  public boolean knows(String name) {
    return known.containsKey(name);
  }

  /**
   * A system that keeps running until the end or until {@link #retire()}; started when it is first
   * asked for.
   */
  public Peer peer(String name) {
    return running.computeIfAbsent(name, this::fresh);
  }

  /** A system of its own, which the caller closes. */
  public Peer fresh(String name) {
    var start = known.get(name);
    if (start == null) {
      throw new BenchException("system '" + name + "' is unknown; there are " + known.keySet());
    }
    return start.get();
  }

  /**
   * Stops every system that was started by {@link #peer}, so that the next scenario finds a quiet
   * machine.
   */
  public void retire() {
    running.values().forEach(Peer::close);
    running.clear();
    atRetirement.forEach(Runnable::run);
    atRetirement.clear();
  }

  /** Does something once with the next {@link #retire()}. */
  public void whenRetired(Runnable end) {
    atRetirement.add(end);
  }

  /** The programs of this machine. */
  public Toolbox tools() {
    return tools;
  }

  /** What all systems forward to; started when it is first asked for. */
  public Backend backend() {
    var started = backend;
    if (started == null) {
      started = Backend.start(tools.nginx(), folder("backend"), ports, cores());
      backend = started;
    }
    return started;
  }

  /** Where configurations and logs are until {@link #close()}. */
  public Path folder() {
    return folder;
  }

  @Override
  public void close() {
    retire();
    if (backend != null) {
      backend.close();
    }
    if (keepsFolder) {
      return;
    }
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new BenchException(folder + " cannot be removed", e);
    }
  }

  int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  int freePort() {
    return ports.take();
  }

  Certificates certificates() {
    if (!certificates.exist()) {
      certificates.make();
    }
    return certificates;
  }

  Daemon start(String name, Tool tool, String... arguments) {
    var command = new ArrayList<>(List.of(tool.path().toString()));
    command.addAll(List.of(arguments));
    return Daemon.start(name, folder, command, Map.of());
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new BenchException(name + " cannot be written to " + folder, e);
    }
  }

  Path folder(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new BenchException(name + " cannot be made in " + folder, e);
    }
  }

  /** A new folder whose name begins with {@code prefix}. */
  public Path freshFolder(String prefix) {
    try {
      return Files.createTempDirectory(folder, prefix + "-");
    } catch (IOException e) {
      throw new BenchException("no folder can be made in " + folder, e);
    }
  }

  void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new BenchException(from + " cannot be copied to " + to, e);
    }
  }
}
