// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import java.time.Duration;

/**
 * How long orders may take: each call to a host (contract 5.9 to 5.15) and all of an order's calls
 * together, so that a host that answers just in time, every time, does not hold an order for ever.
 *
 * @param startPatience how long a container may take to become ready
 * @param turn how long an order may wait for earlier ones of its ExApp
 * @param undo how long an order that has reached its limit may go on in order to undo what it began
 */
public record OrderTimes(
    Limit find,
    Limit create,
    Limit startOrStop,
    Limit awaitStart,
    Limit remove,
    Limit removeImage,
    Limit installCertificates,
    Duration startPatience,
    Duration turn,
    Duration undo) {

  /**
   * The contract's: AppAPI gives up waiting for a start after 150 s and for certificates after 180
   * s.
   */
  public OrderTimes() {
    this(
        Limit.seconds(15, 15),
        Limit.seconds(60, 90),
        Limit.seconds(30, 30),
        Limit.seconds(105, 105),
        Limit.seconds(30, 60),
        Limit.seconds(30, 60),
        Limit.seconds(120, 150),
        Duration.ofSeconds(90),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10));
  }

  /** In a cluster: AppAPI waits 3700 s for a start there, which has the image to pull. */
  public static OrderTimes inCluster() {
    return new OrderTimes(
        Limit.seconds(15, 15),
        Limit.seconds(30, 90),
        Limit.seconds(30, 30),
        Limit.seconds(30, 3_690),
        Limit.seconds(30, 60),
        Limit.seconds(30, 60),
        Limit.seconds(30, 30),
        Duration.ofSeconds(90),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10));
  }

  /**
   * @param perCall of one call
   * @param total of all of them
   */
  public record Limit(Duration perCall, Duration total) {

    public static Limit seconds(int perCall, int total) {
      return new Limit(Duration.ofSeconds(perCall), Duration.ofSeconds(total));
    }

    /** The same with more time in all. */
    Limit plus(Duration more) {
      return new Limit(perCall, total.plus(more));
    }
  }
}
