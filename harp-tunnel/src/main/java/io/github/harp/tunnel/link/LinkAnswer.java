// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.link;

/** The first byte of an answer; but for the first kind a reason follows until the stream ends. */
enum LinkAnswer {
  /** The bytes that follow are the service's. */
  CONNECTED,
  REFUSED,
  TIMED_OUT;

  /** Characters; bytes may be three times as many. */
  static final int MAX_REASON = 300;

  static final int MAX_REASON_BYTES = 3 * MAX_REASON;
}
