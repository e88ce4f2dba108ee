// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("S3: control characters in a path")
class ControlCharactersTest {

  @Property
  void everyOneIsFoundHoweverOftenItIsEncoded(
      @ForAll @IntRange(max = 0x7f) int c, @ForAll @IntRange(max = 20) int times) {
    var path = "/a%" + "25".repeat(times) + String.format("%02x", c) + "/b";

    assertThat(ControlCharacters.isIn(path)).isEqualTo(c < ' ' || c == 0x7f);
    assertThat(ControlCharacters.isIn(path.toUpperCase())).isEqualTo(c < ' ' || c == 0x7f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/init\n",
        "/init\u007f",
        "/%%30a",
        "/%0%61",
        "/%%30%61",
        "/%2%35%30%41",
        "/%25250A",
        "%00"
      })
  void partlyEncodedOnesAreFound(String path) {
    assertThat(ControlCharacters.isIn(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "/a b", "/%20", "/100%", "/%0", "/%2", "/%250", "/%c3%a9", "/%80", "/0a"})
  void othersAreNot(String path) {
    assertThat(ControlCharacters.isIn(path)).isFalse();
  }

  @Property(tries = 2_000)
  void oneWalkFindsWhatDecodingAgainAndAgainFinds(@ForAll("paths") String path) {
    var before = "";
    var now = path;
    var found = false;
    while (!found && !now.equals(before)) {
      before = now;
      now = decodedOnce(before);
      found = now.chars().anyMatch(c -> c < ' ' || c == 0x7f);
    }

    if (found) {
      assertThat(ControlCharacters.isIn(path)).isTrue();
    }
  }

  private static String decodedOnce(String path) {
    var out = new StringBuilder();
    for (var i = 0; i < path.length(); i++) {
      if (path.substring(i).matches("(?s)%[0-9A-Fa-f]{2}.*")) {
        out.append((char) Integer.parseInt(path.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.append(path.charAt(i));
      }
    }
    return out.toString();
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("%", "%25", "%30", "%61", "0", "2", "5", "a", "f", "7", "/")
        .list()
        .ofMaxSize(10)
        .map(it -> String.join("", it));
  }
}
