// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.github.harp.core.notice.Finding;
import java.util.stream.Stream;

/**
 * Examines one thing. May block for as long as its own deadlines allow; never throws on purpose.
 * The doctor says what its findings are about, where they do not say so themselves.
 */
@FunctionalInterface
public interface Check {

  /** What it sees, in the order in which a reader needs it. */
  Stream<Finding> examine();
}
