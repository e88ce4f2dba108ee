// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All keys and certificates at one time.
 *
 * @param authorityKey null if it is not ours to sign with: then nothing can be renewed
 * @param client null if there is none and none can be issued
 * @param issued names of the certificate files that were issued anew for this stock
 */
public record Stock(
    @Nullable PrivateKey authorityKey,
    X509Certificate authority,
    Credential server,
    @Nullable Credential client,
    List<String> issued,
    List<Finding> findings) {

  /**
   * Something that an administrator should know or do about the certificates.
   *
   * @param isError whether something will break unless somebody acts
   * @param text whole sentences
   */
  public record Finding(boolean isError, String text) {}

  public @Nullable Credential of(Leaf leaf) {
    return leaf == Leaf.SERVER ? server : client;
  }

  /** Whether peers would see the same certificates. */
  public boolean equivalentTo(Stock other) {
    return authority.equals(other.authority)
        && server.certificate().equals(other.server.certificate())
        && Objects.equals(clientCertificate(), other.clientCertificate());
  }

  @Nullable X509Certificate clientCertificate() {
    return client == null ? null : client.certificate();
  }
}
