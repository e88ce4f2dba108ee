// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers.place;

import io.github.harp.bench.BenchException;
import io.github.harp.bench.process.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Throw-away certificates, ECDSA P-256 for every peer alike, in the layout that HaRP's folder has:
 * {@code cert.pem} for HTTPS, {@code frp/} with a CA, a server and a client for the tunnel.
 */
public final class Certificates {
  private final Tool openssl;
  private final Path folder;

  public Certificates(Tool openssl, Path folder) {
    this.openssl = openssl;
    this.folder = folder;
  }

  boolean exist() {
    return Files.exists(httpsPem());
  }

  /** Makes all of them. */
  void make() {
    try {
      Files.createDirectories(folder.resolve("frp"));
      selfSigned("https.key", "https.crt", "localhost");
      var pem =
          Files.readString(folder.resolve("https.crt"))
              + Files.readString(folder.resolve("https.key"));
      Files.writeString(httpsPem(), pem);
      selfSigned("frp/ca.key", "frp/ca.crt", "harp.nc");
      signed("frp/server", "harp.nc");
      signed("frp/client", "harp.client.nc");
    } catch (IOException e) {
      throw new BenchException("certificates cannot be written to " + folder, e);
    }
  }

  /** Chain and key in one file, as HAProxy and HaRP want it. */
  public Path httpsPem() {
    return folder.resolve("cert.pem");
  }

  /** The folder with {@code ca.crt}, {@code server.*} and {@code client.*}. */
  public Path frpFolder() {
    return folder.resolve("frp");
  }

  private void selfSigned(String key, String certificate, String name) {
    make(name, List.of("-keyout", file(key), "-out", file(certificate)));
  }

  private void signed(String base, String name) {
    make(
        name,
        List.of(
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            file("frp/ca.crt"),
            "-CAkey",
            file("frp/ca.key"),
            "-keyout",
            file(base + ".key"),
            "-out",
            file(base + ".crt")));
  }

  private void make(String name, List<String> how) {
    var arguments =
        Stream.of(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30".split(" "),
            new String[] {"-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name},
            how.toArray(String[]::new));
    openssl(arguments.flatMap(Stream::of).toList());
  }

  private void openssl(List<String> arguments) {
    var output = openssl.run(Duration.ofSeconds(20), arguments);
    if (output.contains("rror")) {
      throw new BenchException("openssl " + String.join(" ", arguments) + " said: " + output);
    }
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}
