// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelException.Code;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Goes once through the folder: reads what is there, issues what is missing, broken, ended or
 * ageing, and notes what an administrator has to know. Files that are fine are never touched, and
 * neither is anything that somebody else made and that still works. Whatever cannot be written
 * lives in memory.
 */
public final class StockTaking {

  /**
   * Administrators carry these files to other machines by hand, so there is plenty of time for it.
   */
  private static final Duration LEAF_MARGIN = Duration.ofDays(180);

  private static final Duration AUTHORITY_MARGIN = Duration.ofDays(3 * 365L);

  private final PemFolder folder;
  private final CertificateIssuer issuer;
  private final Instant now;
  private final @Nullable Stock previous;
  private final boolean renewLeaves;
  private final List<String> issued = new ArrayList<>();
  private final List<Stock.Finding> findings = new ArrayList<>();
  private final Set<String> unreadable = new HashSet<>();
  private boolean authorityIsNew;

  public StockTaking(
      PemFolder folder,
      CertificateIssuer issuer,
      Clock clock,
      @Nullable Stock previous,
      boolean renewLeaves) {
    this.folder = folder;
    this.issuer = issuer;
    this.now = clock.instant();
    this.previous = previous;
    this.renewLeaves = renewLeaves;
  }

  /**
   * @throws TunnelException if there is no usable server certificate and none can be issued
   */
  public Stock take() throws TunnelException {
    var authority = authority();
    var server = leaf(Leaf.SERVER, authority);
    if (server == null) {
      throw new TunnelException(
          Code.CONFIGURATION,
          "%s has no usable server.crt and server.key, and without ca.key none can be issued; restore the missing"
                  .formatted(folder.path())
              + " files, or remove the folder and give every client the new ones");
    }
    var client = leaf(Leaf.CLIENT, authority);
    return new Stock(
        authority.key(),
        authority.certificate(),
        server,
        client,
        List.copyOf(issued),
        List.copyOf(findings));
  }

  // ---- the authority

  /** The authority's certificate, and its key if we have it. */
  private record Authority(@Nullable PrivateKey key, X509Certificate certificate) {}

  private Authority authority() throws TunnelException {
    var certificate = readCertificate("ca.crt", previous == null ? null : previous.authority());
    var key = readKey("ca.key", previous == null ? null : previous.authorityKey());
    if (certificate == null) {
      return key == null ? newAuthority() : reissued(key, null);
    }
    if (key != null && !Credential.belongTogether(key, certificate)) {
      warn(
          "ca.key does not belong to ca.crt, so no certificate can be renewed; put the right ca.key"
              + " into "
              + folder.path());
      key = null;
    } else if (key == null) {
      warn(
          "ca.key is not usable, so no certificate can be renewed (the authority ends on %s); put it into %s"
              .formatted(end(certificate), folder.path()));
    }
    if (key != null && Credential.isAgeing(certificate, now, AUTHORITY_MARGIN)) {
      return reissued(key, certificate);
    }
    if (Credential.isExpired(certificate, now)) {
      warn(
          "ca.crt ended on %s and Go clients refuse everything of an ended authority; restore ca.key to have it renewed,"
                  .formatted(end(certificate))
              + " or remove "
              + folder.path()
              + " and give every client the new files");
    }
    return new Authority(key, certificate);
  }

  private Authority newAuthority() throws TunnelException {
    if (folder.has("ca.key")) {
      throw new TunnelException(
          Code.CONFIGURATION,
          "%s cannot be read and there is no usable ca.crt; expected a PEM key without a passphrase, readable by this"
                  .formatted(folder.file("ca.key"))
              + " process");
    }
    var authority = issuer.newAuthority();
    authorityIsNew = true;
    save("ca.key", authority.key());
    save("ca.crt", authority.certificate());
    return new Authority(authority.key(), authority.certificate());
  }

  /**
   * A later end for the same authority: clients that have the old file go on trusting, Go ones
   * until its end.
   */
  private Authority reissued(PrivateKey key, @Nullable X509Certificate old) throws TunnelException {
    try {
      var subject = old == null ? CertificateIssuer.AUTHORITY_NAME : old.getSubjectX500Principal();
      var publicKey = old == null ? CertificateIssuer.publicKeyOf(key) : old.getPublicKey();
      var certificate = issuer.authority(subject, publicKey, key);
      warn(
          old == null
              ? "ca.crt was missing and has been issued again from ca.key"
              : "the authority would end on %s and was issued again with the same key until %s; clients elsewhere need the"
                      .formatted(end(old), end(certificate))
                  + " new ca.crt before the old one ends");
      if (previous == null || !folder.has("ca.key")) {
        keep("ca.key", key);
      }
      save("ca.crt", certificate);
      return new Authority(key, certificate);
    } catch (GeneralSecurityException e) {
      throw new TunnelException(
          Code.CONFIGURATION,
          folder.file("ca.key") + " is neither an RSA nor an elliptic curve key",
          e);
    }
  }

  // ---- the leaves

  private @Nullable Credential leaf(Leaf leaf, Authority authority) {
    var known = previous == null ? null : previous.of(leaf);
    var certificate =
        readCertificate(leaf.certificateFile(), known == null ? null : known.certificate());
    var key = readKey(leaf.keyFile(), known == null ? null : known.key());
    var usable =
        certificate != null && key != null && Credential.belongTogether(key, certificate)
            ? new Credential(key, certificate)
            : null;
    boolean due =
        usable == null
            || authorityIsNew
            || renewLeaves
            || isDue(usable.certificate(), leaf, authority);
    if (!due) {
      return usable;
    }
    if (authority.key() == null) {
      reportUnrenewable(leaf, usable);
      return usable;
    }
    var fresh = issuer.leaf(leaf, authority.certificate(), authority.key());
    save(leaf.keyFile(), fresh.key());
    save(leaf.certificateFile(), fresh.certificate());
    return fresh;
  }

  private boolean isDue(X509Certificate certificate, Leaf leaf, Authority authority) {
    if (Credential.isExpired(certificate, now)) {
      return true;
    }
    if (!Credential.isSignedBy(certificate, authority.certificate())) {
      warn(
          "%s is not signed by ca.crt: whoever trusts ca.crt only will refuse it; remove it to have one issued"
              .formatted(leaf.certificateFile()));
      return false;
    }
    if (leaf == Leaf.SERVER && !Credential.names(certificate).contains(leaf.dnsName())) {
      warn(
          "server.crt does not name %s, which clients expect; remove it to have one issued"
              .formatted(leaf.dnsName()));
      return false;
    }
    return Credential.isAgeing(certificate, now, LEAF_MARGIN);
  }

  private void reportUnrenewable(Leaf leaf, @Nullable Credential usable) {
    warn(
        usable == null
            ? leaf.certificateFile()
                + " or its key is not usable, and without ca.key none can be issued"
            : "%s ends on %s and cannot be renewed without ca.key"
                .formatted(leaf.certificateFile(), end(usable.certificate())));
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  // ---- files

  /** What the file holds; what memory holds if there is no file; null if neither. */
  private @Nullable X509Certificate readCertificate(
      String name, @Nullable X509Certificate remembered) {
    try {
      return folder.certificate(name).orElse(remembered);
    } catch (IOException e) {
      unreadable.add(name);
      warn(
          e.getMessage() + "; it will be put aside as " + name + ".old if a new one can be issued");
      return remembered;
    }
  }

  private @Nullable PrivateKey readKey(String name, @Nullable PrivateKey remembered) {
    try {
      return folder.key(name).orElse(remembered);
    } catch (IOException e) {
      unreadable.add(name);
      warn(String.valueOf(e.getMessage()));
      return remembered;
    }
  }

  private void warn(String text) {
    findings.add(new Stock.Finding(false, text));
  }

  private void error(String text) {
    findings.add(new Stock.Finding(true, text));
  }

  private void save(String name, X509Certificate certificate) {
    issued.add(name);
    tryWriting(name, () -> folder.write(name, certificate));
  }

  private void save(String name, PrivateKey key) {
    tryWriting(name, () -> folder.write(name, key));
  }

  private void keep(String name, PrivateKey key) {
    if (!folder.has(name)) {
      save(name, key);
    }
  }

  private interface Writing {
    void write() throws IOException;
  }

  private void tryWriting(String name, Writing writing) {
    try {
      if (unreadable.contains(name)) {
        folder.putAside(name);
      }
      writing.write();
    } catch (IOException e) {
      error(
          "%s cannot be written (%s): it lives in memory and will be another one after a restart; make the folder writable"
              .formatted(folder.file(name), e));
    }
  }
}
