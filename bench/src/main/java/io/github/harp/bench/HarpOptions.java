// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench;

import io.github.harp.bench.peers.HarpVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which HaRP takes part, and on which JVM. */
final class HarpOptions {
  private static final Path JVMS = Path.of("/usr/lib/jvm");

  @Option(names = "--launcher", description = "HaRP's runnable JAR; default: ${DEFAULT-VALUE}.")
  private Path launcher = Path.of("harp-launcher/target/harp.jar");

  @Option(names = "--other-launcher", description = "Another build, which takes part as 'other'.")
  private @Nullable Path otherLauncher;

  @Option(
      names = "--jdk",
      description =
          "The release of the JVM that runs HaRP, found in /usr/lib/jvm; default: the harness's own.")
  private int jdk;

  @Option(
      names = "--transport",
      description =
          "How HaRP drives sockets: epoll, io_uring, nio or auto; default: ${DEFAULT-VALUE}.")
  private String transport = "epoll";

  @Option(
      names = "--variant",
      paramLabel = "NAME=OPTIONS",
      description = "HaRP once more with these JVM options, for example serial=-XX:+UseSerialGC.")
  private Map<String, String> variants = Map.of();

  @Option(names = "--script", description = "HaRP once more, as packaging/bin/harp starts it.")
  private boolean script;

  Path launcher() {
    return launcher;
  }

  /** By name; empty when there is no launcher. */
  Map<String, HarpVariant> variants() {
    var all = new LinkedHashMap<String, HarpVariant>();
    if (!Files.isReadable(launcher)) {
      return all;
    }
    var plain =
        new HarpVariant(java(), List.of(), launcher.toAbsolutePath(), Map.of()).on(transport);
    all.put("harp", plain);
    if (script) {
      all.put("script", plain.asScript());
    }
    variants.forEach((name, options) -> all.put(name, plain.with(options.trim().split("\\s+"))));
    if (otherLauncher != null) {
      all.put(
          "other",
          new HarpVariant(java(), List.of(), otherLauncher.toAbsolutePath(), Map.of())
              .on(transport));
    }
    return all;
  }

  /** The first variant on io_uring, for the scenario that asks for it; empty without a launcher. */
  Optional<HarpVariant> onIoUring() {
    return variants().values().stream().findFirst().map(variant -> variant.on("io_uring"));
  }

  private Path java() {
    var own = Path.of(System.getProperty("java.home"), "bin", "java");
    if (jdk == 0) {
      return own;
    }
    try (Stream<Path> homes = Files.list(JVMS)) {
      return homes
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .filter(java -> Files.isReadable(java.resolveSibling("../release").normalize()))
          .filter(java -> new HarpVariant(java, List.of(), launcher, Map.of()).javaRelease() == jdk)
          .sorted()
          .findFirst()
          .orElseThrow(() -> new BenchException("JDK " + jdk + " is not in " + JVMS));
    } catch (IOException e) {
      throw new BenchException(JVMS + " cannot be read", e);
    }
  }
}
