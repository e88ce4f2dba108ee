// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullProgressTest {

  private static final String A_PULL =
      line("1.0", "Pulling from acme/app")
          + line("a", "Already exists")
          + line("b", "Pulling fs layer")
          + line("c", "Waiting")
          + moved("b", "Downloading", 100, 100)
          + line("b", "Download complete")
          + moved("c", "Downloading", 150, 300)
          + moved("b", "Extracting", 100, 100);

  private final PullProgress progress = new PullProgress();

  private static String line(String id, String status) {
    return "{\"status\":\"" + status + "\",\"progressDetail\":{},\"id\":\"" + id + "\"}\r\n";
  }

  private static String moved(String id, String status, long current, long total) {
    return "{\"status\":\"%s\",\"progressDetail\":{\"current\":%d,\"total\":%d},\"id\":\"%s\"}\r\n"
        .formatted(status, current, total, id);
  }

  private OptionalInt after(String said) {
    progress.passes(Unpooled.copiedBuffer(said, StandardCharsets.UTF_8));
    return progress.percent();
  }

  @Test
  void layersCountByTheirSize() {
    assertThat(after(A_PULL)).hasValue((100 + 300 * 40 / 100) * 100 / 400);
    assertThat(after(line("b", "Pull complete") + line("c", "Pull complete"))).hasValue(100);
  }

  @Test
  void aLayerOfUnknownSizeIsTakenForOneLikeTheOthers() {
    var said = line("b", "Pulling fs layer") + line("c", "Waiting");

    assertThat(after(said)).hasValue(0);
    assertThat(after(moved("b", "Downloading", 100, 100))).hasValue(40);
  }

  @Test
  void whatHasComeDoesNotGoAgain() {
    assertThat(after(moved("b", "Downloading", 100, 100))).hasValue(80);
    assertThat(after(moved("b", "Downloading", 0, 100) + line("c", "Waiting"))).hasValue(80);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        "not JSON\n",
        "[]\n",
        "{\"status\":1,\"id\":\"a\"}\n",
        "{\"status\":\"Downloading\",\"id\":null}\n",
        "{\"status\":\"Status: Image is up to date\"}\n",
        "{\"status\":\"Already exists\",\"id\":\"a\"}\n"
      })
  void whatSaysNothingOfLayersSaysNothing(String said) {
    assertThat(after(said)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"current\":-5,\"total\":-1}",
        "{\"current\":1e300,\"total\":1}",
        "{\"current\":\"x\",\"total\":[]}",
        "{\"current\":9223372036854775807,\"total\":9223372036854775807}",
        "[]",
        "7"
      })
  void sizesThatCannotBeStayWithinBounds(String detail) {
    var said = "{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":" + detail + "}\n";

    assertThat(after(said).orElseThrow()).isBetween(0, 100);
  }

  @Test
  void aLineWithoutAnEndIsNotKept() {
    for (int i = 0; i < 100; i++) {
      after("x".repeat(1_000));
    }
    assertThat(after("\n" + moved("b", "Downloading", 50, 100))).hasValue(40);
  }

  @Test
  void moreLayersThanAnImageHasAreNotKept() {
    for (int i = 0; i < 10_000; i++) {
      after(line("layer" + i, "Waiting"));
    }
    assertThat(after(line("layer0", "Pull complete"))).hasValue(0);
    assertThat(after(moved("other", "Downloading", 1, 1))).hasValue(0);
  }

  @Property
  @Label("whatever parts it comes in, it says the same")
  void partsDoNotMatter(@ForAll @Size(max = 20) int[] sizes) {
    var parts = new PullProgress();
    var whole = A_PULL.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    for (int size : sizes) {
      int end = Math.min(whole.length, from + Math.floorMod(size, 90));
      parts.passes(Unpooled.copiedBuffer(whole, from, end - from));
      from = end;
    }
    parts.passes(Unpooled.copiedBuffer(whole, from, whole.length - from));

    assertThat(parts.percent()).hasValue(55);
  }
}
