// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.pki.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.tunnel.pki.Openssl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemFolderTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "genpkey -algorithm RSA -out k",
        "genrsa -traditional -out k 2048",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k",
        "ecparam -name prime256v1 -genkey -out k"
      })
  void readsEveryFormThatOpensslWritesAndFindsThePublicKey(String command) throws Exception {
    var openssl = Openssl.in(folder);
    openssl.run(command);

    var pem = new PemFolder(folder);
    var key = pem.key("k").orElseThrow();
    pem.replace(Map.of("again", PemFolder.pem(key)), false);

    assertThat(openssl.run("pkey -in again -pubout")).isEqualTo(openssl.run("pkey -in k -pubout"));
    var publicKey = CertificateIssuer.publicKeyOf(key);
    Files.write(folder.resolve("public.der"), publicKey.getEncoded());
    assertThat(openssl.run("pkey -pubin -inform DER -in public.der -pubout"))
        .isEqualTo(openssl.run("pkey -in k -pubout"));
  }

  @Test
  void saysWhatIsWrongWithAnEncryptedKey() throws Exception {
    Openssl.in(folder)
        .run(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes128 -pass pass:secret -out"
                + " k");
    assertThatThrownBy(() -> new PemFolder(folder).key("k"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("without a passphrase");
  }

  @Test
  void aMissingFileIsNoError() throws Exception {
    assertThat(new PemFolder(folder).key("none")).isEmpty();
    assertThat(new PemFolder(folder.resolve("nowhere")).certificate("none")).isEmpty();
  }
}
