// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the real openssl in a folder. */
public final class Openssl {

  private final Path folder;

  private Openssl(Path folder) {
    this.folder = folder;
  }

  public static Openssl in(Path folder) {
    assumeTrue(
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(path -> Files.isExecutable(Path.of(path, "openssl"))),
        "openssl is not on the PATH");
    return new Openssl(folder);
  }

  /** Runs it with these arguments, separated by spaces, and returns what it prints. */
  public String run(String arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ")));
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  /**
   * A folder as the original's start script leaves it: RSA, PKCS#8 keys, no extensions but the
   * names.
   */
  void makeOriginalFolder(int days) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("server.ext"), "subjectAltName=DNS:harp.nc\n");
    Files.writeString(folder.resolve("client.ext"), "subjectAltName=DNS:harp.client.nc\n");
    run(
        "req -x509 -newkey rsa:2048 -sha256 -nodes -days "
            + days
            + " -subj /CN=harp.nc -keyout ca.key -out ca.crt");
    for (var leaf : List.of("server:harp.nc", "client:harp.client.nc")) {
      var name = leaf.split(":")[0];
      run(
          "req -new -newkey rsa:2048 -sha256 -nodes -subj /CN=%s -keyout %s.key -out %s.csr"
              .formatted(leaf.split(":")[1], name, name));
      run(
          "x509 -req -in %s.csr -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days %d -extfile %s.ext -out %s.crt"
              .formatted(name, days, name, name));
    }
  }
}
