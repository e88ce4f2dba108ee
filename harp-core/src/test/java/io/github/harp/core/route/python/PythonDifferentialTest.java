// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.HarpException;
import io.github.harp.core.route.python.RealPython.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PythonDifferentialTest {
  private static final long SEED = Long.getLong("harp.regex.seed", 20260101);
  private static final int PATTERNS = Integer.getInteger("harp.regex.patterns", 6_000);

  @Test
  void patternsByTheGrammarMatchAsInPython() {
    var random = new RandomPatterns(SEED);
    var questions =
        Stream.generate(() -> new Question(random.pattern(), random.paths(12)))
            .limit(PATTERNS)
            .toList();

    var differences = differences(questions);

    assertThat(differences).isEmpty();
  }

  @Test
  void whateverIsThrownTogetherIsAPatternOnlyIfItIsOneToPython() {
    var random = new RandomPatterns(SEED + 1);
    var questions =
        Stream.generate(() -> new Question(random.soup(), random.paths(6)))
            .limit(4L * PATTERNS)
            .toList();

    var differences = differences(questions);

    assertThat(differences).isEmpty();
  }

  private static List<String> differences(List<Question> questions) {
    var python = RealPython.answers(questions);
    assertThat(python).hasSameSizeAs(questions);
    var differences = new ArrayList<String>();
    for (var i = 0; i < questions.size(); i++) {
      compare(questions.get(i), python.get(i), differences);
    }
    return differences;
  }

  private static void compare(
      Question question, Optional<List<Boolean>> expected, List<String> differences) {
    var pattern = parsed(question.pattern());
    if (pattern.isPresent() != expected.isPresent()) {
      differences.add(
          "/%s/ is %sa pattern to Python"
              .formatted(question.pattern(), expected.isPresent() ? "" : "not "));
      return;
    }
    for (var i = 0; i < question.texts().size() && pattern.isPresent(); i++) {
      var text = question.texts().get(i);
      var actual = Outcomes.of(pattern.get(), text);
      var wanted = expected.get().get(i) ? MatchOutcome.YES : MatchOutcome.NO;
      if (actual != wanted && !mayBeRefused(question.pattern(), actual)) {
        differences.add(
            "/%s/ on '%s': %s, to Python %s".formatted(question.pattern(), text, actual, wanted));
      }
    }
  }

  /** Java is not asked about groups that it would not forget, or that have not ended yet. */
  private static boolean mayBeRefused(String pattern, MatchOutcome actual) {
    return actual == MatchOutcome.UNDECIDED && (pattern.contains("(?(") || pattern.contains("\\1"));
  }

  private static Optional<PythonPattern> parsed(String pattern) {
    try {
      return Optional.of(PythonPattern.of(pattern));
    } catch (HarpException e) {
      return Optional.empty();
    }
  }
}
