// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.place;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.backend.App;
import io.github.harp.bench.backend.Backend;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.FreePorts;
import io.github.harp.bench.process.Tool;
import io.github.harp.bench.process.Toolbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where systems are set up: a folder for configurations and logs, ports, certificates, the backend.
 * Closing it removes the folder. For one thread.
 */
public class Place implements AutoCloseable {
  /** The secret of every system that needs one. */
  public static final String SHARED_KEY = "bench-shared-key-0123456789abcdef";

  /** Of the one user who is logged in. */
  public static final String SESSION_COOKIE = "oc1234567890=bench-session";

  /** The applications at the far end of a tunnel. */
  public static final List<App> TUNNELLED = List.of(App.TUNNELLED, App.TUNNELLED_LIVE);

  private final Toolbox tools;
  private final Path folder;
  private final boolean keepsFolder;
  private final FreePorts ports = new FreePorts();
  private final Certificates certificates;
  private @Nullable Backend backend;

  /**
   * Sets up the folder and starts nothing.
   *
   * @param keepsFolder leave configurations and logs behind
   */
  protected Place(Toolbox tools, boolean keepsFolder) {
    this.tools = tools;
    this.keepsFolder = keepsFolder;
    try {
      folder = Files.createTempDirectory("harp-bench");
    } catch (IOException e) {
      throw new BenchException("no temporary folder can be made", e);
    }
    certificates = new Certificates(tools.openssl(), folder("certs"));
  }

  /** The programs of this machine. */
  public final Toolbox tools() {
    return tools;
  }

  /** What all systems forward to; started when it is first asked for. */
  public final Backend backend() {
    var started = backend;
    if (started == null) {
      started = Backend.start(tools.nginx(), folder("backend"), ports, cores());
      backend = started;
    }
    return started;
  }

  /** Where configurations and logs are until {@link #close()}. */
  public final Path folder() {
    return folder;
  }

  @Override
  public void close() {
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

  public final int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  public final int freePort() {
    return ports.take();
  }

  public final Certificates certificates() {
    if (!certificates.exist()) {
      certificates.make();
    }
    return certificates;
  }

  public final Daemon start(String name, Tool tool, String... arguments) {
    var command = new ArrayList<>(List.of(tool.path().toString()));
    command.addAll(List.of(arguments));
    return Daemon.start(name, folder, command, Map.of());
  }

  public final Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new BenchException(name + " cannot be written to " + folder, e);
    }
  }

  public final Path folder(String name) {
    try {
      return Files.createDirectories(folder.resolve(name));
    } catch (IOException e) {
      throw new BenchException(name + " cannot be made in " + folder, e);
    }
  }

  /** A new folder whose name begins with {@code prefix}. */
  public final Path freshFolder(String prefix) {
    try {
      return Files.createTempDirectory(folder, prefix + "-");
    } catch (IOException e) {
      throw new BenchException("no folder can be made in " + folder, e);
    }
  }

  public final void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new BenchException(from + " cannot be copied to " + to, e);
    }
  }
}
