// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.question;

import java.time.Duration;

/**
 * What one question may cost.
 *
 * @param connect time until a connection is there, waiting for a free one included
 * @param total time from the question to the last byte of the answer, further addresses included
 * @param connections connections to one address at the same time
 * @param waiting questions that may wait for a connection; more fail at once
 * @param answerBytes size of an answer's body
 * @param longAnswers what becomes of an answer that is longer
 */
public record QuestionLimits(
    Duration connect,
    Duration total,
    int connections,
    int waiting,
    int answerBytes,
    LongAnswers longAnswers) {

  /** What becomes of an answer that is longer than it may be. */
  public enum LongAnswers {
    /** The question fails. */
    FAIL,
    /** Its beginning is kept. */
    CUT
  }
}
