// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.github.harp.tunnel.pki.stock.PemFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;

/** PEM files that an administrator names; every failure says which file and what was expected. */
public final class PemFiles {

  private PemFiles() {}

  /** All certificates of a file, at least one. */
  public static X509Certificate[] certificates(Path file) throws IOException {
    try {
      var bytes = new ByteArrayInputStream(read(file).getBytes(US_ASCII));
      var certificates = CertificateFactory.getInstance("X.509").generateCertificates(bytes);
      if (!certificates.isEmpty()) {
        return certificates.toArray(new X509Certificate[0]);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " cannot be read as a certificate; expected PEM", e);
    }
    throw new IOException(file + " holds no certificate; expected PEM");
  }

  /** The private key of a file: PKCS#8, PKCS#1 or SEC1, without a passphrase. */
  public static PrivateKey key(Path file) throws IOException {
    return PemFolder.parseKey(read(file), file.toString());
  }

  /** Writes files by name into a folder; those that end in {@code .key} for their owner only. */
  public static void write(Path folder, Map<String, String> files) throws IOException {
    new PemFolder(folder).replace(files, false);
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file, US_ASCII);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + file, e);
    }
  }
}
