// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import io.github.harp.core.HarpException;
import java.util.ArrayList;
import java.util.List;

/** The certificates of a PEM bundle, one by one; what is between them is left out. */
record CertificateBundle(List<String> certificates) {

  /** Each takes a KiB and more in an archive. */
  private static final int MOST = 1_000;

  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  /**
   * @throws HarpException {@code BAD_REQUEST} if there are more than a thousand
   */
  static CertificateBundle parse(String pem) {
    var certificates = new ArrayList<String>();
    var begin = pem.indexOf(BEGIN);
    while (begin >= 0) {
      var end = pem.indexOf(END, begin);
      if (end < 0) {
        break;
      }
      if (certificates.size() == MOST) {
        throw new HarpException(
            HarpException.Code.BAD_REQUEST,
            "system_certs_bundle: found more than " + MOST + " certificates, expected fewer");
      }
      certificates.add(pem.substring(begin, end + END.length()));
      begin = pem.indexOf(BEGIN, end);
    }
    return new CertificateBundle(List.copyOf(certificates));
  }
}
