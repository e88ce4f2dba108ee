// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an authority is made of as text, and which of two counts where several servers have one. */
public final class AuthorityText {

  private AuthorityText() {}

  /** The files, by name, private keys among them. */
  public static Map<String, String> files(Stock stock) {
    var files = new TreeMap<String, String>();
    files.put("ca.crt", PemFolder.pem(stock.authority()));
    if (stock.authorityKey() != null) {
      files.put("ca.key", PemFolder.pem(stock.authorityKey()));
    }
    for (var leaf : Leaf.values()) {
      var credential = stock.of(leaf);
      if (credential != null) {
        files.put(leaf.certificateFile(), PemFolder.pem(credential.certificate()));
        files.put(leaf.keyFile(), PemFolder.pem(credential.key()));
      }
    }
    return files;
  }

  /**
   * @throws IOException when something is missing, or does not belong together
   */
  public static Stock read(Map<String, String> files) throws IOException {
    var authority = certificate(files, "ca.crt");
    var key = files.get("ca.key");
    var authorityKey = key == null ? null : PemFolder.parseKey(key, "ca.key");
    if (authorityKey != null && !Credential.belongTogether(authorityKey, authority)) {
      throw new IOException("ca.key does not belong to ca.crt");
    }
    var server = credential(files, Leaf.SERVER, authority);
    var client =
        files.containsKey(Leaf.CLIENT.keyFile()) ? credential(files, Leaf.CLIENT, authority) : null;
    return new Stock(authorityKey, authority, server, client, List.of(), List.of());
  }

  private static Credential credential(
      Map<String, String> files, Leaf leaf, X509Certificate authority) throws IOException {
    var certificate = certificate(files, leaf.certificateFile());
    var key = PemFolder.parseKey(text(files, leaf.keyFile()), leaf.keyFile());
    if (!Credential.belongTogether(key, certificate)
        || !Credential.isSignedBy(certificate, authority)) {
      throw new IOException(leaf.certificateFile() + " belongs to another key or authority");
    }
    return new Credential(key, certificate);
  }

  private static X509Certificate certificate(Map<String, String> files, String name)
      throws IOException {
    return PemFolder.parseCertificate(text(files, name), name);
  }

  private static String text(Map<String, String> files, String name) throws IOException {
    return Optional.ofNullable(files.get(name)).orElseThrow(() -> new IOException("no " + name));
  }

  /**
   * Above 0 where the first one counts, 0 where they are the same. Of two authorities the older
   * one, which more clients have; of one authority that with the later certificates.
   */
  public static int compare(Stock one, Stock other) {
    var theirs = other.authority();
    if (!one.authority().getPublicKey().equals(theirs.getPublicKey())) {
      var older = theirs.getNotBefore().compareTo(one.authority().getNotBefore());
      return older != 0 ? older : number(one.authority()).compareTo(number(theirs));
    }
    var newer = latest(one).compareTo(latest(other));
    return newer != 0 ? newer : identity(one).compareTo(identity(other));
  }

  private static BigInteger latest(Stock stock) {
    var server = time(stock.server().certificate());
    var client = stock.clientCertificate();
    return client == null ? server : server.max(time(client));
  }

  private static BigInteger time(X509Certificate certificate) {
    return BigInteger.valueOf(certificate.getNotBefore().getTime());
  }

  private static BigInteger identity(Stock stock) {
    return number(stock.server().certificate()).add(number(stock.clientCertificate()));
  }

  private static BigInteger number(@Nullable X509Certificate certificate) {
    try {
      return certificate == null
          ? BigInteger.ZERO
          : new BigInteger(1, Credential.digest(certificate.getEncoded()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java runtime", e);
    }
  }
}
