// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The traps between Python's syntax and that of the engines here; no Python needed. */
class PythonPatternTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/ /anything",
        "^/user /users",
        "^/user$ /user",
        "^/api/v\\d+/ /api/v12/x",
        "/api/{id} /api/{id}",
        "/a{,2}b /aab",
        "/a{,}b /aaaaab",
        "(?P<x>/a)(?P=x) /a/a",
        "(?#comment)/a /a",
        "(/a)?(?(1)b|/c) /ab",
        "(/a)?(?(1)b|/c) /c",
        "/a\\Z /a",
        "/[[a] /[",
        "/[a&&b] /&",
        "(?i)/ADMIN /admin",
        "(?i:/A)b /ab",
        "/(?!admin)\\w+ /user",
        "/(?<=/)a /a",
        "/(?>a*)b /aab",
        "/[^\\W\\d]+$ /abc_",
        "/\\x61\\u0062\\101 /abA",
        "/a|/b /b",
        "/é|/a /a",
      })
  void matches(String pattern, String path) {
    assertThat(Outcomes.of(pattern, path)).isEqualTo(MatchOutcome.YES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        ".*\\.js$ /a.js",
        ".*(\\.j)s /a.js",
        "/a+b?cd?/x /aacd/x",
        "/a.*/(?=xy)x /a/xy",
        "/a.*(xyz)?/b /a/b",
        "/a.*\\bxy$ /a/xy",
      })
  void matchesWithLiteralTextInside(String pattern, String path) {
    assertThat(Outcomes.of(pattern, path)).isEqualTo(MatchOutcome.YES);
  }

  @Test
  void aPathWithoutTheLiteralTextInsideIsDecidedWithoutAnEngine() {
    assertThat(Outcomes.of("(.)\\1?(a*)*\\2secret", "/" + "a".repeat(100)))
        .isEqualTo(MatchOutcome.NO);
  }

  @Test
  void verbosePatternsAndNamedCharactersMatch() {
    assertThat(Outcomes.of("(?x)/a [ ]* b # end", "/a b")).isEqualTo(MatchOutcome.YES);
    assertThat(Outcomes.of("/\\N{LATIN SMALL LETTER A}", "/a")).isEqualTo(MatchOutcome.YES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "^/user$ /users",
        "/USER /user",
        "api /api",
        "/a\\Z /ab",
        "(/a)?(?(1)b|/c) /ac",
        "/(?!admin)\\w+ /administrator",
        "/(?>a*)ab /aab",
        "/a++a /aaa",
        "/[a&&b]$ /c",
        "/é /a",
      })
  void doesNotMatch(String pattern, String path) {
    assertThat(Outcomes.of(pattern, path)).isEqualTo(MatchOutcome.NO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        ")",
        "[",
        "[a",
        "*",
        "+a",
        "a**",
        "a{2}{3}",
        "{,3}",
        "a{3,1}",
        "x(?i)",
        "\\Q",
        "\\pL",
        "\\p{L}",
        "\\h",
        "\\R",
        "\\K",
        "\\z",
        "\\G",
        "\\X",
        "\\8",
        "\\1",
        "(a\\1)",
        "(?P<a>x)(?P<a>y)",
        "(?P<1>x)",
        "(?P=no)",
        "(?<name>x)",
        "(?'name'x)",
        "(?|a)",
        "(?&x)",
        "(?P>x)",
        "(?R)",
        "(?<=a*)b",
        "(?<!a|bc)d",
        "(?(2)a)",
        "(?(1)a|b|c)",
        "(?i",
        "(?z)",
        "(?L)",
        "(?au)",
        "(?i-i:a)",
        "(?-:a)",
        "[z-a]",
        "[\\d-z]",
        "\\x4",
        "\\u12",
        "\\U00110000",
        "\\400",
        "[\\8]",
        "\\",
        "a{4294967295}",
        "^*",
        "\\b+",
        "(?#",
        "\\N{no such name}",
        "\\N"
      })
  void isNoPatternToPython(String text) {
    assertThatThrownBy(() -> PythonPattern.of(text))
        .isInstanceOfSatisfying(
            HarpException.class,
            it -> assertThat(it.code()).isEqualTo(HarpException.Code.BAD_REQUEST))
        .hasMessageContaining("position")
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[:alpha:]]",
        "a{",
        "a{x}",
        "a{1",
        "}",
        "]",
        "(?:)",
        "(?=a)*",
        "a|",
        "|",
        "",
        "(?i)(?m)a",
        "x{0}"
      })
  void isAPatternToPython(String text) {
    assertThatCode(() -> PythonPattern.of(text)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/(?=a*a*a*a*a*a*a*a*b)", "/(?!a*a*a*a*a*a*a*a*c)", "/(a?)a*a*a*a*a*a*a*\\1[cd]"})
  @DisplayName("W17: what takes too many steps is undecided")
  void w17_whatTakesTooManyStepsIsUndecided(String pattern) {
    // Without a budget it takes a moment longer, and ends.
    assertThat(Outcomes.of(pattern, "/" + "a".repeat(24))).isEqualTo(MatchOutcome.UNDECIDED);
  }

  @Test
  @DisplayName("W17: what takes too much stack is undecided")
  void w17_whatTakesTooMuchStackIsUndecided() {
    assertThat(Outcomes.of("/(?=(?:(?:a|b)(?:b|a)?)*c)", "/" + "ab".repeat(30_000)))
        .isEqualTo(MatchOutcome.UNDECIDED);
  }

  @Test
  void whatIsTooLongOrTooDeepIsUndecidedRatherThanSkipped() {
    assertThat(Outcomes.of("a".repeat(10_001), "/")).isEqualTo(MatchOutcome.UNDECIDED);
    assertThat(Outcomes.of("(".repeat(150) + ")".repeat(150), "/"))
        .isEqualTo(MatchOutcome.UNDECIDED);
    assertThat(Outcomes.of("(?:".repeat(3_000) + ")".repeat(3_000), "/"))
        .isEqualTo(MatchOutcome.UNDECIDED);
  }

  @Test
  void hugeRepetitionsCostNothing() {
    assertThat(Outcomes.of("/(?:(?:(?:){4000000000}){4000000000}){4000000000}", "/"))
        .isEqualTo(MatchOutcome.YES);
    assertThat(Outcomes.of("/(?:(?:a{1000}){1000}){1000}", "/aaa")).isEqualTo(MatchOutcome.NO);
    assertThat(Outcomes.of("/(?=a{0,4000000000}$)", "/aaa")).isEqualTo(MatchOutcome.YES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "^/api/.* /api/",
        "/x$ /x",
        "^(?:/a)(/b)c* /a/b",
        "/a|/b ''",
        "(?i)/a /",
        ".* ''",
        "/a? /",
        "\\A/1 /1"
      })
  void knowsItsPrefix(String pattern, String prefix) {
    assertThat(PythonPattern.of(pattern).prefix()).isEqualTo(prefix);
  }

  @Property(tries = 3_000)
  void anyTextIsAPatternOrRefusedInWords(@ForAll @StringLength(max = 40) String text) {
    try {
      Outcomes.of(PythonPattern.of(text), "/some/path");
    } catch (HarpException e) {
      assertThat(e.getMessage()).contains("expected");
    }
  }
}
