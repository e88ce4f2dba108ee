// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * The two certificates below the authority. Names and subjects are what clients in the field have
 * configured.
 */
public enum Leaf {
  SERVER("server", "harp.nc", KeyPurposeId.id_kp_serverAuth),
  CLIENT("client", "harp.client.nc", KeyPurposeId.id_kp_clientAuth);

  private final String fileName;
  private final String dnsName;
  private final KeyPurposeId purpose;

  Leaf(String fileName, String dnsName, KeyPurposeId purpose) {
    this.fileName = fileName;
    this.dnsName = dnsName;
    this.purpose = purpose;
  }

  public String certificateFile() {
    return fileName + ".crt";
  }

  public String keyFile() {
    return fileName + ".key";
  }

  /** The only subject alternative name, and the common name. */
  public String dnsName() {
    return dnsName;
  }

  KeyPurposeId purpose() {
    return purpose;
  }
}
