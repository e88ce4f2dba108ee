// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import io.github.harp.core.access.Gatekeeper;
import io.github.harp.proxy.HarpProxy;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the classes that requests use before the first request of its kind does: the first HTTP/2
 * connection alone takes two hundred, which would be read from the JAR on an event loop while all
 * others on it wait. They are not linked, which would take ten megabytes for what may never be
 * used; so it is five.
 *
 * <p>Only from JAR files: class folders are for those who develop.
 */
final class EarlyClasses {

  private static final Logger LOG = LoggerFactory.getLogger(EarlyClasses.class);

  /** Whoever wants to be served at once is not to share the processor with this. */
  private static final Duration AFTER_THE_START = Duration.ofSeconds(3);

  private static final Pattern WANTED =
      Pattern.compile(
          "(io/github/harp/(?:core|proxy)/.+|io/netty/handler/codec/http2?/[^/]+)\\.class");

  private final ClassLoader loader;
  private final Set<Path> jars;

  EarlyClasses(ClassLoader loader, Set<Path> jars) {
    this.loader = loader;
    this.jars = jars;
  }

  static EarlyClasses ofThisProcess() {
    var jars = new LinkedHashSet<Path>();
    Stream.of(HarpProxy.class, Gatekeeper.class, HttpObjectDecoder.class, Http2FrameCodec.class)
        .forEach(type -> addJar(type, jars));
    return new EarlyClasses(EarlyClasses.class.getClassLoader(), jars);
  }

  private static void addJar(Class<?> type, Set<Path> jars) {
    var source = type.getProtectionDomain().getCodeSource();
    try {
      var path = source == null ? null : Path.of(source.getLocation().toURI());
      if (path != null && Files.isRegularFile(path)) {
        jars.add(path);
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      LOG.debug("{}: of no file", type, e);
    }
  }

  /** Loads them in a while, on a thread of its own that keeps no process alive. */
  void loadInBackground() {
    var thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(AFTER_THE_START.toMillis());
                load();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "harp-early-classes");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  /** Loads them; how many there were. */
  int load() {
    var loaded = 0;
    for (var jar : jars) {
      try (var file = new JarFile(jar.toFile())) {
        for (var entries = file.entries(); entries.hasMoreElements(); ) {
          var wanted = WANTED.matcher(entries.nextElement().getName());
          if (wanted.matches() && isLoaded(wanted.group(1).replace('/', '.'))) {
            loaded++;
          }
        }
      } catch (IOException e) {
        LOG.debug("{}: classes are loaded when they are used", jar, e);
      }
    }
    LOG.debug("{} classes are loaded before requests need them", loaded);
    return loaded;
  }

  private boolean isLoaded(String name) {
    try {
      Class.forName(name, /* initialize= */ false, loader);
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      // It belongs to something that is not here, a compressor for instance.
      return false;
    }
  }
}
