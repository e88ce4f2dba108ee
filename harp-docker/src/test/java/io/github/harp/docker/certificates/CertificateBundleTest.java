// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CertificateBundleTest {

  private static final String ONE = "-----BEGIN CERTIFICATE-----\nMQ==\n-----END CERTIFICATE-----";

  @Test
  void leavesOutWhatIsBetweenCertificates() {
    var parsed =
        CertificateBundle.parse(
            "# Root\n"
                + ONE
                + "\n\n-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"
                + ONE);

    assertThat(parsed.certificates()).containsExactly(ONE, ONE);
  }

  @Test
  void aCertificateWithoutEndIsNone() {
    assertThat(CertificateBundle.parse(ONE + "\n-----BEGIN CERTIFICATE-----\nMQ==").certificates())
        .containsExactly(ONE);
  }

  @Test
  void noCertificates() {
    assertThat(CertificateBundle.parse("nothing here").certificates()).isEmpty();
  }

  @Test
  void aThousandAreEnough() {
    assertThat(CertificateBundle.parse(ONE.repeat(1_000)).certificates()).hasSize(1_000);
    var bundle = ONE.repeat(1_001);
    assertThatThrownBy(() -> CertificateBundle.parse(bundle))
        .hasMessageContaining("more than 1000");
  }

  @Property
  void findsEachOfThemWhateverIsBetween(@ForAll @Size(max = 20) List<@AlphaChars String> between) {
    var bundle = new StringBuilder();
    between.forEach(text -> bundle.append(text).append('\n').append(ONE).append(text));

    assertThat(CertificateBundle.parse(bundle.toString()).certificates())
        .hasSameSizeAs(between)
        .allMatch(ONE::equals);
  }
}
