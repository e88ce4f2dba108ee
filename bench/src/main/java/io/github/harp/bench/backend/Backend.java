// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.backend;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.process.Daemon;
import io.github.harp.bench.process.FreePorts;
import io.github.harp.bench.process.OpenFiles;
import io.github.harp.bench.process.OwnJvm;
import io.github.harp.bench.process.Tool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What stands behind every system: nginx for small answers and files, and a JVM of its own with
 * {@link LiveServer} and Nextcloud, as {@link KnownApps} has it.
 */
public final class Backend implements AutoCloseable {
  /** An answer of 100 bytes. */
  public static final String SMALL = "small";

  private final int filePort;
  private final int livePort;
  private final int nextcloudPort;
  private final int hostilePort;
  private final Daemon files;
  private final Daemon live;

  private Backend(Tool nginx, Path folder, FreePorts ports, int cores) {
    filePort = ports.take();
    livePort = ports.take();
    nextcloudPort = ports.take();
    hostilePort = ports.take();
    fill(folder.resolve("1m"), 1 << 20);
    fill(folder.resolve("100m"), 100 << 20);
    try {
      var config = Files.writeString(folder.resolve("nginx.conf"), config(folder, cores));
      files =
          Daemon.start(
                  "nginx-backend",
                  folder,
                  List.of(
                      nginx.path().toString(),
                      "-p",
                      folder.toString(),
                      "-c",
                      config.toString(),
                      "-g",
                      "daemon off;"),
                  Map.of())
              .awaitPort(filePort);
    } catch (IOException e) {
      throw new BenchException("the backend's configuration cannot be written to " + folder, e);
    }
    live =
        Daemon.start("live-backend", folder, liveCommand(), Map.of())
            .awaitPort(livePort)
            .awaitPort(nextcloudPort);
  }

  /** Starts both programs. */
  public static Backend start(Tool nginx, Path folder, FreePorts ports, int cores) {
    return new Backend(nginx, folder, ports, cores);
  }

  /** Where an application listens; who attacks is to play the hostile one there. */
  public int port(App app) {
    if (app == App.HOSTILE || app == App.TUNNELLED_HOSTILE) {
      return hostilePort;
    }
    return app.isLive() ? livePort : filePort;
  }

  /** Where the double of Nextcloud listens. */
  public int nextcloudPort() {
    return nextcloudPort;
  }

  @Override
  public void close() {
    live.close();
    files.close();
  }

  private String config(Path folder, int cores) {
    var small = "x".repeat(99) + "\\n";
    var locations =
        Arrays.stream(App.values())
            .map(App::pathPrefix)
            .map(
                prefix ->
                    """
                        location = %1$s/small { return 200 "%2$s"; }
                        location %1$s/ { alias %3$s/; }
                    """
                        .formatted(prefix, small, folder))
            .collect(Collectors.joining());
    return """
    user root; # matters to root only, whose folder no other user may read
    worker_processes %d;
    pid nginx.pid;
    error_log stderr crit;
    events { worker_connections %d; }
    http {
      access_log off;
      sendfile on;
      keepalive_timeout 1h;
      keepalive_requests 1000000000;
      open_file_cache max=100 inactive=1h;
      default_type application/octet-stream;
      client_body_temp_path body;
      proxy_temp_path proxied;
      fastcgi_temp_path unused;
      uwsgi_temp_path unused;
      scgi_temp_path unused;
      server {
        listen 127.0.0.1:%d backlog=4096 reuseport;
        location = /small { return 200 "%s"; }
        location / { root %s; }
    %s
      }
    }
    """
        .formatted(cores, OpenFiles.connections(1), filePort, small, folder, locations);
  }

  private List<String> liveCommand() {
    return OwnJvm.command(
        BackendProcess.class,
        List.of("-XX:+UseSerialGC", "-Xmx512m"),
        String.valueOf(livePort),
        String.valueOf(nextcloudPort),
        String.valueOf(filePort),
        String.valueOf(hostilePort));
  }

  private static void fill(Path file, int bytes) {
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.setLength(bytes);
    } catch (IOException e) {
      throw new BenchException(file + " cannot be made", e);
    }
  }
}
