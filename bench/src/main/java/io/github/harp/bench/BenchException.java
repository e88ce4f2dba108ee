// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench;

import org.jspecify.annotations.Nullable;

/**
 * A comparison cannot be made, or its numbers would be wrong: what was found, where, what is
 * expected.
 */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the three parts of the message in one sentence or two. */
  public BenchException(String message) {
    this(message, null);
  }

  /** With the failure underneath. */
  public BenchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
