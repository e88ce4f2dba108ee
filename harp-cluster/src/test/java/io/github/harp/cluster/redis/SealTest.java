// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SealTest {

  private static final String PLACE = "harp:{00}:journal";
  private final Seal seal = new Seal(new byte[32]);

  @Property(tries = 100)
  @Label("what was sealed is opened by whoever has the secret, with its writer and number")
  void isOpened(@ForAll byte[] content, @ForAll @IntRange(min = 1, max = 5) int times) {
    var writer = seal.writer(PLACE);
    for (var i = 1; i <= times; i++) {
      var opened = new Seal(new byte[32]).open(PLACE, writer.seal(content)).orElseThrow();

      assertThat(opened.content()).isEqualTo(content);
      assertThat(opened.number()).isEqualTo(i);
      assertThat(opened.writer()).isEqualTo(writer.name());
    }
  }

  @Property(tries = 200)
  @Label("garbage is nobody's")
  void garbage(@ForAll @Size(max = 200) byte[] bytes) {
    assertThat(seal.open(PLACE, bytes)).isEmpty();
  }

  @Property(tries = 200)
  @Label(
      "one bit more or less, wherever, and it is nobody's: not of this writer, number or content")
  void changed(@ForAll @IntRange(max = 100_000) int bit) {
    var sealed = seal.writer(PLACE).seal("content".getBytes(StandardCharsets.UTF_8));
    var at = bit % (sealed.length * 8);
    sealed[at / 8] ^= (byte) (1 << at % 8);

    assertThat(seal.open(PLACE, sealed)).isEmpty();
  }

  @Property(tries = 50)
  @Label("it is nobody's elsewhere, cut short, made longer, or with another secret")
  void misplaced(
      @ForAll @Size(max = 50) byte[] content, @ForAll @IntRange(min = 1, max = 40) int by) {
    var sealed = seal.writer(PLACE).seal(content);
    var other = new byte[32];
    other[31] = 1;

    assertThat(seal.open("harp:{00}:other", sealed)).isEmpty();
    assertThat(seal.open(PLACE, Arrays.copyOf(sealed, sealed.length - Math.min(by, sealed.length))))
        .isEmpty();
    assertThat(seal.open(PLACE, Arrays.copyOf(sealed, sealed.length + by))).isEmpty();
    assertThat(new Seal(other).open(PLACE, sealed)).isEmpty();
    assertThat(new Seal(other).name()).isNotEqualTo(seal.name());
  }

  @Property(tries = 10)
  @Label("the same content never looks the same")
  void fresh(@ForAll @Size(max = 50) byte[] content) {
    var seen = new HashSet<String>();
    for (var i = 0; i < 4; i++) {
      var writer = seal.writer(PLACE);
      for (var j = 0; j < 4; j++) {
        var sealed = writer.seal(content);
        seen.add(Arrays.toString(Arrays.copyOfRange(sealed, 24, sealed.length)));
      }
    }
    assertThat(seen).hasSize(16);
  }
}
