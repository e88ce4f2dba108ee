// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.route.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.json.JsonArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The {@code re} module itself, as the judge. */
final class RealPython {
  private static final String SCRIPT =
      """
      import json, re, sys, warnings
      warnings.simplefilter('ignore')
      if sys.version_info < (3, 11):
          sys.exit(3)
      for line in sys.stdin:
          pattern, texts = json.loads(line)
          try:
              compiled = re.compile(pattern)
          except (re.error, OverflowError, ValueError, RecursionError):
              print('[]')
          else:
              print(json.dumps([compiled.match(text) is not None for text in texts]))
      """;

  private static final int TOO_OLD = 3;

  /** A pattern and what it is tried on. */
  record Question(String pattern, List<String> texts) {}

  private RealPython() {}

  /** For each question whether its texts match; empty where the pattern does not compile. */
  static List<Optional<List<Boolean>>> answers(List<Question> questions) {
    try {
      var python =
          new ProcessBuilder("python3", "-c", SCRIPT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var writer = new Thread(() -> write(questions, python.getOutputStream()));
      writer.start();
      var answers = new ArrayList<Optional<List<Boolean>>>();
      try (var lines = python.inputReader(StandardCharsets.UTF_8)) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          var array = new JsonArray(line);
          answers.add(
              array.isEmpty()
                  ? Optional.empty()
                  : Optional.of(array.stream().map(Boolean.class::cast).toList()));
        }
      }
      writer.join();
      var status = python.waitFor();
      assumeTrue(status != TOO_OLD, "python3 is older than 3.11");
      assertThat(status).as("exit status of python3").isZero();
      return answers;
    } catch (IOException e) {
      assumeTrue(false, "there is no python3 here");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("no answer from python3");
  }

  private static void write(List<Question> questions, OutputStream to) {
    try (to) {
      for (var question : questions) {
        var line = new JsonArray().add(question.pattern()).add(new JsonArray(question.texts()));
        to.write((line.encode() + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new IllegalStateException("python3 does not listen", e);
    }
  }
}
