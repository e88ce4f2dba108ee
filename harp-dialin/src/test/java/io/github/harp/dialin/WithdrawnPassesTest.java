// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.AppId;
import io.github.harp.core.key.VisitorPasses.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WithdrawnPassesTest {

  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final AppId APP = new AppId("llm2");

  @TempDir private Path folder;
  private Path file;
  private WithdrawnPasses gateway;

  @BeforeEach
  void start() {
    file = folder.resolve("withdrawn-passes");
    gateway = new WithdrawnPasses(file);
  }

  private static Pass pass(String app, int madeSecondsAgo, int goodForSeconds) {
    return new Pass(
        new AppId(app), NOW.minusSeconds(madeSecondsAgo), NOW.plusSeconds(goodForSeconds));
  }

  /** As a command does, in a process of its own. */
  private WithdrawnPasses command() {
    return new WithdrawnPasses(file);
  }

  @Test
  void oneIsWithdrawnAndOthersAreNot() throws Exception {
    var one = pass("llm2", 10, 600);
    assertThat(gateway.has(one)).isFalse();

    command().add(one, NOW);

    assertThat(gateway.has(one)).isTrue();
    assertThat(gateway.has(pass("llm2", 9, 600))).isFalse();
    assertThat(gateway.has(pass("llm3", 10, 600))).isFalse();
    assertThat(new WithdrawnPasses(file).has(one)).as("after a restart").isTrue();
  }

  @Test
  void allOfAnExAppAreWithdrawnAndLaterOnesAreGood() throws Exception {
    command().add(pass("llm2", 10, 600), NOW);
    command().addAll(APP, NOW.minusSeconds(1));
    command().addAll(APP, NOW);

    assertThat(gateway.has(pass("llm2", 10, 600))).isTrue();
    assertThat(gateway.has(pass("llm2", 0, 600))).isTrue();
    assertThat(gateway.has(pass("llm2", -1, 600))).isFalse();
    assertThat(gateway.has(pass("llm3", 10, 600))).isFalse();
    assertThat(lines()).as("one says it all").isEqualTo(1);
  }

  @Test
  void whatHasEndedAnywayIsForgotten() throws Exception {
    command().add(pass("llm2", 10, 60), NOW);
    command().add(pass("llm3", 10, 600), NOW.plusSeconds(61));

    assertThat(lines()).isEqualTo(1);
  }

  @Test
  void aFullDiskLeavesWhatThereWas() throws Exception {
    command().add(pass("llm2", 10, 600), NOW);
    var part = folder.resolve(".withdrawn-passes.part");
    Files.createSymbolicLink(part, Path.of("/dev/full"));

    assertThatThrownBy(() -> command().addAll(APP, NOW)).isInstanceOf(IOException.class);

    assertThat(folder).isDirectoryNotContaining(path -> path.equals(part));
    assertThat(gateway.has(pass("llm2", 10, 600))).isTrue();
    assertThat(gateway.has(pass("llm2", 9, 600))).isFalse();
  }

  @Test
  void aFileThatIsBrokenWithdrawsAll() throws Exception {
    Files.writeString(file, "llm2 what is this\n");

    assertThat(gateway.has(pass("llm3", 10, 600))).isTrue();
    assertThatThrownBy(() -> command().addAll(APP, NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("APP FROM TO UNTIL");
    Files.delete(file);
    assertThat(gateway.has(pass("llm3", 10, 600))).isFalse();
  }

  @Test
  void thereIsALimit() throws Exception {
    Files.write(file, Collections.nCopies(10_000, "llm2 1 1 9999999999"));

    assertThatThrownBy(() -> command().add(pass("llm2", 10, 600), NOW))
        .hasMessageContaining("withdraw all of an ExApp");
    command().addAll(APP, NOW);
    assertThat(lines()).isEqualTo(1);
  }

  private long lines() throws IOException {
    return Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).count();
  }
}
