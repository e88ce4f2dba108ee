// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParentSegmentsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/..",
        "/../",
        "/a/..",
        "..",
        "/a%2f..",
        "/a/%2E.",
        "/a/.%2e/",
        "/a/%2e%2e",
        "/.%2e%2F",
        "/a%2F%2e%2E%2fb",
        "/a/..;/x",
        "/..%5c..%5c",
        "/a/..;x=1",
        "/a%5c..",
        "/a\\..\\b",
        "/%2e%2e%3bx"
      })
  void findsParentSegments(String path) {
    assertThat(ParentSegments.isIn(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/a/...",
        "/..a",
        "/a..%2F",
        "/a../b",
        "/%252e%252e/x",
        "/.",
        "/./",
        "/a.b",
        "/.well-known/x",
        "/a/%2e/b",
        "/a/..%3",
        "/%2e%2",
        "/file..txt",
        "/%2f",
        "/..%20/",
        "/a;../b",
        "/a=.."
      })
  void letsOthersPass(String path) {
    assertThat(ParentSegments.isIn(path)).isFalse();
  }

  @Property(tries = 2_000)
  void findsWhatDecodingAndSplittingFinds(@ForAll("paths") String path) {
    var decoded =
        path.replaceAll("(?i)%2e", ".")
            .replaceAll("(?i)%2f", "/")
            .replaceAll("(?i)%5c", "\\\\")
            .replaceAll("(?i)%3b", ";");
    var expected =
        List.of(decoded.split("[/\\\\]", -1)).stream()
            .anyMatch(it -> it.equals("..") || it.startsWith("..;"));

    assertThat(ParentSegments.isIn(path)).isEqualTo(expected);
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
            "/", ".", "..", "%2e", "%2E", "%2f", "%5C", "\\", ";", "%3b", "a", "%", "2", "e", "%25")
        .list()
        .ofMaxSize(8)
        .map(it -> String.join("", it));
  }
}
