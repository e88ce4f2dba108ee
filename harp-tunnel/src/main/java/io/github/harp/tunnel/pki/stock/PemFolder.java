// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * PEM files in one folder. A file is replaced as a whole or not at all, and a private key is never
 * readable by others, not even for a moment. What is overwritten although it could not be read is
 * kept as {@code <name>.old}.
 */
public final class PemFolder {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> EVERYBODY_READS =
      PosixFilePermissions.fromString("rw-r--r--");

  private final Path folder;

  public PemFolder(Path folder) {
    this.folder = folder;
  }

  public Path path() {
    return folder;
  }

  public Path file(String name) {
    return folder.resolve(name);
  }

  public boolean has(String name) {
    return Files.exists(file(name));
  }

  /** The certificate in this file; empty if there is no such file. */
  public Optional<X509Certificate> certificate(String name) throws IOException {
    var pem = read(name);
    return pem.isEmpty()
        ? Optional.empty()
        : Optional.of(parseCertificate(pem.get(), file(name).toString()));
  }

  static X509Certificate parseCertificate(String pem, String where) throws IOException {
    try {
      var bytes = new ByteArrayInputStream(pem.getBytes(US_ASCII));
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
    } catch (GeneralSecurityException e) {
      throw new IOException(where + " holds no certificate; expected PEM", e);
    }
  }

  /** The private key in this file, in any of the forms that OpenSSL writes without a passphrase. */
  public Optional<PrivateKey> key(String name) throws IOException {
    var pem = read(name);
    return pem.isEmpty()
        ? Optional.empty()
        : Optional.of(parseKey(pem.get(), file(name).toString()));
  }

  public static PrivateKey parseKey(String pem, String where) throws IOException {
    try (var parser = new PEMParser(new StringReader(pem))) {
      Object found;
      while ((found = parser.readObject()) != null) {
        if (found instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (found instanceof PrivateKeyInfo info) {
          return new JcaPEMKeyConverter().getPrivateKey(info);
        }
      }
    } catch (RuntimeException e) {
      throw new IOException(where + " cannot be read as a private key", e);
    }
    throw new IOException(where + " holds no private key; expected PEM without a passphrase");
  }

  public static String pem(X509Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** PKCS#8, which Go, OpenSSL and Java read. */
  public static String pem(PrivateKey key) {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  private static String pem(String type, byte[] der) {
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
  }

  void write(String name, PrivateKey key) throws IOException {
    write(name, pem(key), OWNER_ONLY);
  }

  void write(String name, X509Certificate certificate) throws IOException {
    write(name, pem(certificate), EVERYBODY_READS);
  }

  /** Puts an unreadable file aside instead of losing it. */
  void putAside(String name) throws IOException {
    if (has(name)) {
      Files.move(file(name), file(name + ".old"), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The permissions in the form {@code rw-------}; empty where the file system has none. */
  public Optional<String> permissions(String name) {
    try {
      return Optional.of(PosixFilePermissions.toString(Files.getPosixFilePermissions(file(name))));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private Optional<String> read(String name) throws IOException {
    try {
      return Optional.of(Files.readString(file(name), US_ASCII));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Puts these in place of what is there.
   *
   * @param aside whether what is there is kept
   */
  public void replace(Map<String, String> files, boolean aside) throws IOException {
    for (var file : files.entrySet()) {
      var name = file.getKey();
      if (aside) {
        putAside(name);
      }
      write(name, file.getValue(), name.endsWith(".key") ? OWNER_ONLY : EVERYBODY_READS);
    }
  }

  private void write(String name, String text, Set<PosixFilePermission> permissions)
      throws IOException {
    Files.createDirectories(folder);
    var part = createPart(name, permissions);
    try {
      Files.writeString(part, text, US_ASCII);
      Files.move(
          part, file(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private Path createPart(String name, Set<PosixFilePermission> permissions) throws IOException {
    var part = file("." + name + ".part");
    Files.deleteIfExists(part);
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return Files.createFile(part);
    }
    FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    try {
      Files.createFile(part, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(part + " is being written by another process", e);
    }
    return Files.setPosixFilePermissions(part, permissions);
  }
}
