// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import java.util.ArrayList;
import java.util.List;

/** The certificates of a PEM bundle, one by one; what is between them is left out. */
record CertificateBundle(List<String> certificates) {

  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  static CertificateBundle parse(String pem) {
    var certificates = new ArrayList<String>();
    var begin = pem.indexOf(BEGIN);
    while (begin >= 0) {
      var end = pem.indexOf(END, begin);
      if (end < 0) {
        break;
      }
      certificates.add(pem.substring(begin, end + END.length()));
      begin = pem.indexOf(BEGIN, end);
    }
    return new CertificateBundle(List.copyOf(certificates));
  }
}
