// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench;

import io.github.harp.bench.peers.harp.HarpVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which HaRP takes part, and on which JVM. */
final class HarpOptions {
  /** From here on what is packaged runs best. */
  private static final int PACKAGED_RELEASE = 25;

  private static final Path JVMS = Path.of("/usr/lib/jvm");

  @Option(names = "--launcher", description = "HaRP's runnable JAR; default: ${DEFAULT-VALUE}.")
  private Path launcher = Path.of("harp-launcher/target/harp.jar");

  @Option(
      names = "--other-launcher",
      description = "Another build, which takes part as 'other' and 'other-packaged'.")
  private @Nullable Path otherLauncher;

  @Option(
      names = "--jdk",
      description =
          "The release of the JVM that runs HaRP, found in /usr/lib/jvm. Default: the harness's"
              + " own; as packaged, 25 or newer where there is one.")
  private int jdk;

  @Option(
      names = "--transport",
      description =
          "How HaRP drives sockets: epoll, io_uring, nio or auto; default: ${DEFAULT-VALUE}.")
  private String transport = "epoll";

  @Option(
      names = "--variant",
      paramLabel = "NAME=OPTIONS",
      description =
          "HaRP as packaged once more with these JVM options, for example" + " g1=-XX:+UseG1GC.")
  private Map<String, String> variants = Map.of();

  @Option(
      names = "--script",
      description = "What starts HaRP as packaged; default: ${DEFAULT-VALUE}.")
  private Path script = Path.of("packaging/bin/harp");

  @Option(
      names = "--other-script",
      description = "What starts 'other-packaged'; default: what --script names.")
  private @Nullable Path otherScript;

  Path launcher() {
    return launcher;
  }

  /** By name; empty when there is no launcher. */
  Map<String, HarpVariant> variants() {
    var all = new LinkedHashMap<String, HarpVariant>();
    if (!Files.isReadable(launcher)) {
      return all;
    }
    all.put("harp", plain(java(), launcher));
    var packaged = plain(packagedJava(), launcher).packaged(script.toAbsolutePath());
    all.put("packaged", packaged);
    variants.forEach((name, options) -> all.put(name, packaged.with(options.trim().split("\\s+"))));
    if (otherLauncher != null) {
      all.put("other", plain(java(), otherLauncher));
      var start = otherScript == null ? script : otherScript;
      all.put(
          "other-packaged", plain(packagedJava(), otherLauncher).packaged(start.toAbsolutePath()));
    }
    return all;
  }

  /** The first variant on io_uring, for the scenario that asks for it; empty without a launcher. */
  Optional<HarpVariant> onIoUring() {
    return variants().values().stream().findFirst().map(variant -> variant.on("io_uring"));
  }

  private HarpVariant plain(Path java, Path jar) {
    return HarpVariant.plain(java, jar.toAbsolutePath()).on(transport);
  }

  private Path java() {
    if (jdk == 0) {
      return own();
    }
    return installed(release -> release == jdk)
        .orElseThrow(() -> new BenchException("JDK " + jdk + " is not in " + JVMS));
  }

  private Path packagedJava() {
    return jdk == 0 ? installed(release -> release >= PACKAGED_RELEASE).orElse(own()) : java();
  }

  private static Path own() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static Optional<Path> installed(IntPredicate wanted) {
    if (!Files.isDirectory(JVMS)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(JVMS)) {
      return homes
          .map(home -> home.resolve("bin/java"))
          .filter(Files::isExecutable)
          .filter(java -> Files.isReadable(java.resolveSibling("../release").normalize()))
          .filter(java -> wanted.test(HarpVariant.plain(java, java).javaRelease()))
          .sorted()
          .findFirst();
    } catch (IOException e) {
      throw new BenchException(JVMS + " cannot be read", e);
    }
  }
}
