// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.proxy.question.QuestionLimits;
import java.time.Duration;

/**
 * What one call to Nextcloud may cost.
 *
 * @param connect time until a connection is there, waiting for a free one included
 * @param total time until the whole answer is there
 * @param connections connections at the same time
 * @param waiting calls that may wait for a connection; more are refused at once
 * @param answerBytes size of an answer's body
 */
public record NextcloudLimits(
    Duration connect, Duration total, int connections, int waiting, int answerBytes) {

  /** 5 s, 25 s, 100 connections, 1000 waiting, 1 MiB. */
  public static final NextcloudLimits STANDARD =
      new NextcloudLimits(Duration.ofSeconds(5), Duration.ofSeconds(25), 100, 1000, 1 << 20);

  QuestionLimits perQuestion() {
    return new QuestionLimits(
        connect, total, connections, waiting, answerBytes, QuestionLimits.LongAnswers.FAIL);
  }
}
