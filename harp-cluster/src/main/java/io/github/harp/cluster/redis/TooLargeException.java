// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.redis;

/** A server answered with more than is ever expected of it. */
public final class TooLargeException extends RuntimeException {

  private static final long serialVersionUID = 1;

  TooLargeException() {
    super(
        "the answer is larger than %,d bytes, or none of Redis; expected only nodes of HaRP to write to its keys"
            .formatted(LimitedClient.MAX_BYTES));
  }
}
