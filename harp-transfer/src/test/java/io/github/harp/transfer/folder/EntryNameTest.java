// SPDX-License-Identifier: Apache-2.0
package io.github.harp.transfer.folder;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryNameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a/b.txt",
        ".hidden",
        "...",
        "a b",
        "2024-01-02T03:04:05.log",
        "äöü/名前 👩‍💻.txt",
        "Screenshot 9.41.00\u202fAM.png",
        "a/.harp-fetch",
        "aux.c",
      })
  void namesOfFilesAreTaken(String path) {
    assertThat(EntryName.objection(path)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/etc/passwd",
        "..",
        "../a",
        "a/../../b",
        "a/..",
        "./a",
        "a//b",
        "a/",
        "..\\a",
        "a\\b",
        "C:",
        "c:evil",
        "a/D:b",
        "a\0b",
        "a\nb",
        "a\u001b[31mb",
        "a\u007fb",
        "a\u0085b",
        "a\u2028b",
        "a\ud800b",
        "gpj\u202etxt.exe",
        "a\u2067b",
        ".harp-fetch",
        ".HARP-Fetch/lock",
      })
  void whatLeadsElsewhereOrDeceivesIsNone(String path) {
    assertThat(EntryName.objection(path)).isPresent();
    assertThat(EntryName.objection(path).orElseThrow())
        .matches(words -> words.codePoints().noneMatch(Character::isISOControl));
  }

  @Test
  void lengthsHaveLimits() {
    assertThat(EntryName.objection("x".repeat(255))).isEmpty();
    assertThat(EntryName.objection("ä".repeat(128))).isPresent();
    assertThat(EntryName.objection("a/".repeat(63) + "a")).isEmpty();
    assertThat(EntryName.objection("a/".repeat(64) + "a")).isPresent();
    assertThat(EntryName.objection(("x".repeat(200) + "/").repeat(30) + "x")).isPresent();
  }

  @Test
  void namesThatSomeFileSystemsTakeForOneAreFoldedToOne() {
    assertThat(EntryName.folded("README")).isEqualTo(EntryName.folded("readme"));
    assertThat(EntryName.folded("u\u0308")).isEqualTo(EntryName.folded("\u00dc"));
    assertThat(EntryName.folded("stra\u00dfe")).isEqualTo(EntryName.folded("STRASSE"));
    assertThat(EntryName.folded("a")).isNotEqualTo(EntryName.folded("b"));
  }
}
