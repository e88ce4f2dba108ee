// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config;

import static io.github.harp.launcher.config.environment.Variable.HP_CERTS_DIR;
import static io.github.harp.launcher.config.environment.Variable.HP_FRP_CERT_VALIDITY_DAYS;
import static io.github.harp.launcher.config.environment.Variable.HP_FRP_DISABLE_TLS;

import io.github.harp.core.InstanceName;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.launcher.config.environment.Environment;
import io.github.harp.launcher.config.environment.Numbers;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * Where certificates are kept.
 *
 * @param folder of {@code cert.pem} and {@code frp/}
 * @param tunnelValidity of certificates for tunnels that are yet to be made
 */
public record CertificateSettings(Path folder, Duration tunnelValidity) {

  /**
   * Reads what concerns certificates and nothing else.
   *
   * @throws ConfigurationException naming every mistake
   */
  public static CertificateSettings from(Map<String, String> environment)
      throws ConfigurationException {
    var reading = new Environment(environment);
    var certificates = read(reading);
    reading.requireNoMistakes();
    return certificates;
  }

  static CertificateSettings read(Environment environment) {
    var folder = environment.require(HP_CERTS_DIR, CertificateSettings::folder);
    // The original looks at this number only when it makes certificates.
    boolean fresh =
        !environment.isOn(HP_FRP_DISABLE_TLS) && !Files.isDirectory(folder.resolve("frp"));
    return new CertificateSettings(
        folder,
        fresh
            ? environment.require(HP_FRP_CERT_VALIDITY_DAYS, Numbers::days)
            : environment.orDefault(HP_FRP_CERT_VALIDITY_DAYS, Numbers::days));
  }

  /**
   * The tunnels' own authority, with all that is missing made.
   *
   * @throws TunnelException when what is there can't be used; the message says what to do
   */
  public CertificateAuthority openAuthority() throws TunnelException {
    return CertificateAuthority.open(folder, tunnelValidity, Clock.systemUTC());
  }

  /** The PEM file with the certificate chain and private key of the HTTPS listeners. */
  public Path tlsPem() {
    return folder.resolve("cert.pem");
  }

  /** The file that remembers whose tunnels there were of a Nextcloud. */
  public Path tunnelPorts(InstanceName of) {
    return file("tunnel-ports", of);
  }

  /** The file that says which passes of visitors of a Nextcloud's ExApps are good no more. */
  public Path withdrawnPasses(InstanceName of) {
    return file("withdrawn-passes", of);
  }

  private Path file(String name, InstanceName of) {
    return folder.resolve(name + (of.isFirst() ? "" : "." + of));
  }

  private static Path folder(String text) {
    try {
      var folder = Path.of(text).toAbsolutePath().normalize();
      if (!text.isEmpty() && !Files.isRegularFile(folder)) {
        return folder;
      }
    } catch (InvalidPathException e) {
      // Said below.
    }
    throw new IllegalArgumentException("a folder");
  }
}
