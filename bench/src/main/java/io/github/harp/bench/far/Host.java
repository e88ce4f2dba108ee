// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import java.util.Locale;

/** The hosts of {@code interop/wan/lab}. */
enum Host {
  /** HaRP, frps, or nginx with PHP. */
  SERVER,
  /** Who sends, and visits. */
  USER,
  /** Where the ExApp is. */
  WORKER;

  String address() {
    return "203.0.113." + (ordinal() + 1);
  }

  /** As the lab's options have it. */
  String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
