// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.doctor;

import java.time.Duration;
import java.time.Instant;

/** Where a moment lies in the life of a certificate. */
enum CertificateLife {
  NOT_YET,
  GOOD,
  SOON_OVER,
  OVER;

  /**
   * @param soon how long before its end one should do something
   */
  static CertificateLife at(Instant now, Instant notBefore, Instant notAfter, Duration soon) {
    if (now.isBefore(notBefore)) {
      return NOT_YET;
    }
    if (now.isAfter(notAfter)) {
      return OVER;
    }
    return now.plus(soon).isAfter(notAfter) ? SOON_OVER : GOOD;
  }
}
