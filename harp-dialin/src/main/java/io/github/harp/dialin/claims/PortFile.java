// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.claims;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.records.ExAppRecords;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelRegister;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose tunnels the remote ports ever had, in a file: it is replaced as a whole, and never larger
 * than {@link #MAX_BYTES}. Where it can't be written, what is known ends with the process, which is
 * said once. Thread-safe; reads and writes block.
 */
public final class PortFile {

  static final int MAX_BYTES = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(PortFile.class);
  private static final String HEADER =
      "# Remote ports that had a tunnel (opened) or are to have one (expected), and whose. These"
          + " ExApps are reached\n"
          + "# through a tunnel only. To reach one directly that is registered by hand now, stop"
          + " HaRP and remove its line.\n";
  private static final String ANYBODY = "*";
  private static final Pattern LINE =
      Pattern.compile("([1-9][0-9]{0,4}) (opened|expected)((?: [A-Za-z0-9._:*-]{1,160}){0,9})");
  private static final Pattern OWNER = Pattern.compile("([^:]+)(?::([A-Za-z0-9_-]{16}))?");

  private final Path file;
  private boolean told;
  private boolean closed;

  public PortFile(Path file) {
    this.file = file;
  }

  /** A register that begins with what was written last; what changes in it is written. */
  public TunnelRegister register(ExAppRecords records, Vertx vertx) {
    var register = new TunnelRegister(records, read(), Ticker.systemTicker());
    var writing = new AtomicBoolean();
    register.watch(
        event ->
            event.when(
                opened -> {},
                closed -> {},
                remembered -> {
                  // What changes while it waits is written with it.
                  if (writing.compareAndSet(false, true)) {
                    vertx.executeBlocking(
                        () -> {
                          writing.set(false);
                          write(register::past);
                          return true;
                        },
                        false);
                  }
                }));
    return register;
  }

  /** What was written last; empty where nothing was, or it can't be understood, which is logged. */
  Map<Integer, Past> read() {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("found " + Files.size(file) + " bytes, expected " + MAX_BYTES);
      }
      return parse(Files.readString(file, US_ASCII));
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException e) {
      LOG.warn(
          "{}: {}; HaRP starts without the tunnels of earlier runs, and writes the file anew",
          file,
          String.valueOf(e.getMessage()));
      return Map.of();
    }
  }

  /** Writes for the last time. */
  public synchronized void close(Supplier<Map<Integer, Past>> past) {
    if (!past.get().isEmpty()) {
      write(past);
    }
    closed = true;
  }

  /** Writes what is the case when it comes to it. */
  synchronized void write(Supplier<Map<Integer, Past>> past) {
    if (closed) {
      return;
    }
    var part = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      create(part);
      try {
        Files.writeString(part, text(past.get()), US_ASCII);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      if (!told) {
        told = true;
        LOG.warn(
            "{} can't be written ({}): after a restart HaRP does not know which ports had a tunnel;"
                + " expected a folder that it may write to",
            file,
            e.getClass().getSimpleName());
      }
    }
  }

  private static void create(Path part) throws IOException {
    if (part.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      var ownerOnly = PosixFilePermissions.fromString("rw-------");
      Files.createFile(part, PosixFilePermissions.asFileAttribute(ownerOnly));
    } else {
      Files.createFile(part);
    }
  }

  private static String text(Map<Integer, Past> ports) {
    var text = new StringBuilder(HEADER);
    ports.forEach(
        (number, past) -> {
          text.append(number).append(past.opened() ? " opened" : " expected");
          text.append(past.anybodys() ? " " + ANYBODY : "");
          for (var owner : past.owners()) {
            text.append(' ')
                .append(owner.appId())
                .append(owner.fingerprint().map(it -> ":" + it).orElse(""));
          }
          text.append('\n');
        });
    return text.toString();
  }

  private static Map<Integer, Past> parse(String text) throws IOException {
    var ports = new TreeMap<Integer, Past>();
    var number = 0;
    for (var line : text.lines().toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      var matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IOException(
            "line " + number + " is not '<port> opened|expected <app id>:<fingerprint> …'");
      }
      var owners = new ArrayList<Deployment>();
      var anybodys = false;
      for (var name : matcher.group(3).strip().split(" ")) {
        var owner = owner(name);
        if (name.equals(ANYBODY)) {
          anybodys = true;
        } else if (owner.isPresent()) {
          owners.add(owner.get());
        } else if (!name.isEmpty()) {
          throw new IOException("line " + number + " names no ExApp");
        }
      }
      ports.put(
          Integer.parseInt(matcher.group(1)),
          new Past(matcher.group(2).equals("opened"), anybodys, owners));
    }
    return ports;
  }

  private static Optional<Deployment> owner(String text) {
    var parts = OWNER.matcher(text);
    return parts.matches()
        ? AppId.parse(parts.group(1))
            .map(id -> new Deployment(id, Optional.ofNullable(parts.group(2))))
        : Optional.empty();
  }
}
