// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.harp;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One way to start HaRP, so that two builds, two JVMs or two sets of options can be compared in one
 * run.
 *
 * @param java the {@code java} program
 * @param javaOptions for the JVM; empty is how users start it
 * @param launcher the runnable JAR
 * @param environment besides what every variant gets
 * @param script what starts the JVM, {@code packaging/bin/harp}; empty for {@code java -jar}
 */
public record HarpVariant(
    Path java,
    List<String> javaOptions,
    Path launcher,
    Map<String, String> environment,
    Optional<Path> script) {

  /** {@code java -jar} without anything else. */
  public static HarpVariant plain(Path java, Path launcher) {
    return new HarpVariant(java, List.of(), launcher, Map.of(), Optional.empty());
  }

  /** The variant as the start script starts it, with an archive of classes. */
  public HarpVariant packaged(Path script) {
    return new HarpVariant(java, javaOptions, launcher, environment, Optional.of(script));
  }

  /** The variant with further options for the JVM. */
  public HarpVariant with(String... options) {
    var all = Stream.concat(javaOptions.stream(), Stream.of(options)).toList();
    return new HarpVariant(java, all, launcher, environment, script);
  }

  /**
   * The variant with another way to drive sockets: {@code epoll}, {@code io_uring} or {@code nio}.
   */
  public HarpVariant on(String transport) {
    return in("HP_TRANSPORT", transport);
  }

  /** The variant with one more variable in its environment. */
  public HarpVariant in(String variable, String value) {
    var all = new HashMap<>(environment);
    all.put(variable, value);
    return new HarpVariant(java, javaOptions, launcher, all, script);
  }

  /** The program and what comes before HaRP's own command. */
  public List<String> start() {
    if (script.isPresent()) {
      return List.of(script.get().toString());
    }
    return Stream.of(
            Stream.of(java.toString()),
            javaOptions.stream(),
            Stream.of("-jar", launcher.toString()))
        .flatMap(part -> part)
        .toList();
  }

  /**
   * All of the environment.
   *
   * @param archives a folder for archives, of which each set of options has its own
   */
  public Map<String, String> startEnvironment(Path archives) {
    if (script.isEmpty()) {
      return environment;
    }
    var all = new HashMap<>(environment);
    all.put("JAVA_HOME", java.resolveSibling("..").normalize().toString());
    all.put("HARP_JAR", launcher.toString());
    all.put("HARP_JAVA_OPTS", String.join(" ", javaOptions));
    all.put("HARP_ARCHIVE_DIR", archives.resolve(Integer.toHexString(hashCode())).toString());
    return all;
  }

  /** The feature release of the JVM, such as 17. Source: the file {@code release} of a JDK. */
  public int javaRelease() {
    var release = java.resolveSibling("../release").normalize();
    try (var lines = Files.lines(release)) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("[^0-9.]", "").split("\\.")[0])
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElseThrow();
    } catch (IOException | NoSuchElementException e) {
      throw new BenchException(release + " does not say which JDK this is", e);
    }
  }
}
