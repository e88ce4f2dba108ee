// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import io.github.harp.bench.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/**
 * One way to start HaRP, so that two builds, two JVMs or two sets of options can be compared in one
 * run.
 *
 * @param java the {@code java} program
 * @param javaOptions before {@code -jar}; empty is how users start it
 * @param launcher the runnable JAR
 * @param environment besides what every variant gets
 */
public record HarpVariant(
    Path java, List<String> javaOptions, Path launcher, Map<String, String> environment) {

  /** What {@code packaging/bin/harp} tells the JVM. */
  static final List<String> SCRIPT_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms16m",
          "-XX:MetaspaceSize=64m",
          "-XX:MaxRAMPercentage=40",
          "-XX:-UsePerfData");

  /** What it exports. */
  static final Map<String, String> SCRIPT_ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "2");

  /** The variant with further options for the JVM. */
  public HarpVariant with(String... options) {
    var all = Stream.concat(javaOptions.stream(), Stream.of(options)).toList();
    return new HarpVariant(java, all, launcher, environment);
  }

  /** The variant as {@code packaging/bin/harp} starts it. */
  public HarpVariant asScript() {
    var all = new HashMap<>(environment);
    all.putAll(SCRIPT_ENVIRONMENT);
    return new HarpVariant(java, SCRIPT_OPTIONS, launcher, all);
  }

  /**
   * The variant with another way to drive sockets: {@code epoll}, {@code io_uring} or {@code nio}.
   */
  public HarpVariant on(String transport) {
    var all = new HashMap<>(environment);
    all.put("HP_TRANSPORT", transport);
    return new HarpVariant(java, javaOptions, launcher, all);
  }

  /** The command that serves. */
  public List<String> command() {
    return Stream.of(
            Stream.of(java.toString()),
            javaOptions.stream(),
            Stream.of("-jar", launcher.toString(), "serve"))
        .flatMap(part -> part)
        .toList();
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
