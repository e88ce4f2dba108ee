// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F23: {@code bin/harp} uses the archive of the very JAR that it starts, and no other. */
class StartScriptTest {

  private static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  @TempDir Path folder;

  private Path jar;
  private Path archives;

  @BeforeEach
  void install() throws IOException {
    archives = Files.createDirectory(folder.resolve("archives"));
    jar = folder.resolve("harp.jar");
    write(jar, "one", TIME);
  }

  /** In place of a JVM: writes down its options, and an archive where it is told to. */
  private Path recorder(String version) throws IOException {
    var home = Files.createDirectories(folder.resolve("java-" + version));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Files.createDirectories(home.resolve("bin"));
    var java =
        Files.writeString(
            home.resolve("bin/java"),
            """
            #!/bin/sh
            [ ! -p "$(dirname "$0")/gate" ] || read -r _ < "$(dirname "$0")/gate"
            for option; do
              case $option in
                -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*) echo archive > "${option#*=}" ;;
                -XX:SharedArchiveFile=* | -XX:AOTCache=*) echo "uses ${option#*=}" ;;
              esac
            done
            """);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    return home;
  }

  @ParameterizedTest
  @ValueSource(strings = {"17.0.15", "25.0.3"})
  void theArchiveOfThisJarIsMadeOnceAndUsed(String version) throws Exception {
    var java = recorder(version);

    assertThat(harp(java, "archive"))
        .matches("harp: making the class archive; .*\nwrote " + archives + "/harp-.*\n");
    assertThat(harp(java, "archive")).endsWith("is up to date\n");
    assertThat(harp(java, "serve")).startsWith("uses " + archives);
  }

  @ParameterizedTest(name = "F23: {0}")
  @ValueSource(
      strings = {"older", "newer", "of the same time", "of the same time and size", "elsewhere"})
  void anotherJarDoesNotGetTheArchive(String other) throws Exception {
    var java = recorder("25.0.3");
    harp(java, "archive");

    switch (other) {
      case "older" ->
          write(jar, "two, older", FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      case "newer" ->
          write(jar, "two, newer", FileTime.from(Instant.parse("2026-11-01T00:00:00Z")));
      case "of the same time" -> write(jar, "of another size", TIME);
      case "elsewhere" -> {
        var moved = folder.resolve("moved.jar");
        jar = Files.copy(jar, moved, StandardCopyOption.COPY_ATTRIBUTES);
      }
      default -> write(jar, "two", TIME);
    }

    assertThat(harp(java, "serve")).isEmpty();
    assertThat(harp(java, "archive")).contains("wrote ");
    assertThat(harp(java, "serve")).startsWith("uses ");
    try (var left = Files.list(archives)) {
      assertThat(left).hasSize(1);
    }
  }

  /** Of a package that was installed again: a JVM compares the time. */
  @Test
  void theSameJarAtAnotherTimeDoesNotGetTheArchive() throws Exception {
    var java = recorder("25.0.3");
    harp(java, "archive");

    Files.setLastModifiedTime(jar, FileTime.from(Instant.parse("2026-11-01T00:00:00Z")));

    assertThat(harp(java, "serve")).isEmpty();
  }

  /** Until the gate is opened the rehearsal lasts. */
  @Test
  void somebodyAtATerminalSeesHowFarItIsAndNothingIsLeftOfIt() throws Exception {
    var java = recorder("25.0.3");
    var gate = java.resolve("bin/gate");
    assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
    var terminal = List.of("script", "-qec", script() + " archive", "/dev/null");
    var process = start(terminal, Map.of("JAVA_HOME", java.toString()));
    try {
      var shown = new ByteArrayOutputStream();
      while (!shown.toString(StandardCharsets.UTF_8).contains("the demo runs once  0 s")) {
        shown.write(process.getInputStream().read());
      }
      Files.writeString(gate, "open\n");
      process.getInputStream().transferTo(shown);

      assertThat(shown.toString(StandardCharsets.UTF_8))
          .startsWith("\r\u001b[K[#####...............] 25 %  the demo runs once  0 s")
          .contains("\r\u001b[Kwrote " + archives)
          .doesNotContain("harp: ");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void anArchiveOfAnotherReleaseOfJavaIsNotUsed() throws Exception {
    harp(recorder("25.0.3"), "archive");

    assertThat(harp(recorder("25.0.4"), "serve")).isEmpty();
  }

  @Test
  void aJavaFrom25OnBesideAnOlderDefaultIsUsedUnlessTheOlderIsChosen() throws Exception {
    var older = recorder("17.0.15");
    var path = Map.of("PATH", older.resolve("bin") + ":" + System.getenv("PATH"));

    assertThat(harp(path, "archive")).contains("/harp-17.0.15-");
    recorder("21.0.7");
    assertThat(harp(path, "archive")).contains("/harp-17.0.15-");
    recorder("25.0.3");
    assertThat(harp(path, "archive")).contains("/harp-25.0.3-");
    assertThat(harp(older, "archive")).contains("/harp-17.0.15-");
  }

  /** With a real JVM: not a word about an archive that does not fit. */
  @Test
  void aJvmHasNothingToComplainAbout() throws Exception {
    var java = Path.of(System.getProperty("java.home"));

    assertThat(harp(java, "archive")).contains("wrote " + archives);
    assertThat(harp(java, "serve")).isEqualTo("one\n");
    write(jar, "two", FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    assertThat(harp(java, "serve")).isEqualTo("two\n");
    assertThat(harp(java, "archive")).contains("wrote ");
    assertThat(harp(java, "serve")).isEqualTo("two\n");
  }

  /** A program that says a word. */
  static final class Program {

    private Program() {}

    public static void main(String[] arguments) throws IOException {
      try (var word = Program.class.getResourceAsStream("/word")) {
        System.out.println(new String(word.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }

  private static void write(Path jar, String word, FileTime time) throws IOException {
    var main = Program.class.getName();
    var path = main.replace('.', '/') + ".class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar));
        var program = Program.class.getClassLoader().getResourceAsStream(path)) {
      put(out, "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: " + main + "\n");
      put(out, "word", word);
      out.putNextEntry(new JarEntry(path));
      program.transferTo(out);
      out.closeEntry();
    }
    Files.setLastModifiedTime(jar, time);
  }

  /** Stored, so that words of one length make files of one length. */
  private static void put(JarOutputStream out, String name, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var checksum = new CRC32();
    checksum.update(bytes);
    var entry = new JarEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }

  private String harp(Path javaHome, String command) throws Exception {
    return harp(Map.of("JAVA_HOME", javaHome.toString()), command);
  }

  private String harp(Map<String, String> environment, String command) throws Exception {
    var process = start(List.of(script(), command), environment);
    try {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(output).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String script() throws IOException {
    return Path.of(System.getProperty("harp.root", ".."), "packaging/bin/harp")
        .toRealPath()
        .toString();
  }

  private Process start(List<String> command, Map<String, String> environment) throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HARP_JAR", jar.toString());
    builder.environment().put("HARP_ARCHIVE_DIR", archives.toString());
    Stream.of("JAVA_HOME", "JAVA_TOOL_OPTIONS", "HARP_JAVA_OPTS")
        .forEach(builder.environment()::remove);
    builder.environment().putAll(environment);
    return builder.start();
  }
}
