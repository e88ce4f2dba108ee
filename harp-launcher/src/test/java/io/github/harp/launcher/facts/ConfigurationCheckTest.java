// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.notice.Severity;
import io.github.harp.launcher.config.Configuration;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationCheckTest {

  @Test
  @DisplayName("S13: a weak key is a failure that says how to get another one")
  void s13_aWeakKeyIsAFailure(@TempDir Path root) throws Exception {
    var configuration =
        Configuration.from(
            Map.of("HP_SHARED_KEY", "short", "NC_INSTANCE_URL", "http://127.0.0.1:9"), root);

    var findings = ConfigurationCheck.of(configuration).examine();

    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.FAILURE);
              assertThat(finding.seen()).contains("HP_SHARED_KEY", "5 characters");
              assertThat(finding.remedy()).contains("openssl rand -hex 32", "Nextcloud");
            });
  }
}
