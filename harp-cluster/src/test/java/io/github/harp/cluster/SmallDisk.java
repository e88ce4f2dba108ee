// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of two megabytes, which can be full. Made as root. */
final class SmallDisk implements AutoCloseable {

  private static final byte[] BLOCK = new byte[4096];

  private final Path folder;
  private final Path filler;

  SmallDisk(Path folder) throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "file systems are made as root");
    this.folder = Files.createDirectories(folder);
    this.filler = folder.resolve("filler");
    run("mount", "-t", "tmpfs", "-o", "size=2m", "none", folder.toString());
  }

  void fill() throws IOException {
    try (var out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(BLOCK);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  void makeRoom() throws IOException {
    Files.delete(filler);
  }

  private static void run(String... command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s: %s", List.of(command), said).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    run("umount", "--lazy", folder.toString());
  }
}
