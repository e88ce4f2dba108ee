// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker;

import java.time.Duration;

/**
 * How long orders may take: each call to the engine (contract 5.9 to 5.15) and all of an order's
 * calls together, so that an engine that answers just in time, every time, does not hold an order
 * for ever.
 *
 * @param startPatience how long a container may take to become ready
 * @param turn how long an order may wait for earlier ones of its ExApp
 */
record OrderTimes(
    Limit find,
    Limit create,
    Limit startOrStop,
    Limit awaitStart,
    Limit remove,
    Limit removeImage,
    Limit installCertificates,
    Duration startPatience,
    Duration turn) {

  record Limit(Duration perCall, Duration total) {

    static Limit seconds(int perCall, int total) {
      return new Limit(Duration.ofSeconds(perCall), Duration.ofSeconds(total));
    }
  }

  /** AppAPI gives up waiting for a start after 150 s and for certificates after 180 s. */
  static final OrderTimes OF_THE_CONTRACT =
      new OrderTimes(
          Limit.seconds(15, 15),
          Limit.seconds(60, 90),
          Limit.seconds(30, 30),
          Limit.seconds(105, 105),
          Limit.seconds(30, 60),
          Limit.seconds(30, 60),
          Limit.seconds(120, 150),
          Duration.ofSeconds(90),
          Duration.ofSeconds(60));
}
