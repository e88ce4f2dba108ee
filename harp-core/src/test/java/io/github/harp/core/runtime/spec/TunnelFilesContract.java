// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.runtime.spec.TunnelFiles.TunnelFile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What may be put into a container, whatever makes the files. */
public abstract class TunnelFilesContract {

  /** Those under test, of which there are some. */
  protected abstract TunnelFiles files();

  @Test
  void eachIsPemUnderANameOfItsOwn() {
    assertThat(files().forExApps())
        .isNotEmpty()
        .allSatisfy(file -> assertThat(file.name()).matches("[a-z.]+"))
        .allSatisfy(file -> assertThat(text(file)).startsWith("-----BEGIN "));
    assertThat(files().forExApps()).extracting(TunnelFile::name).doesNotHaveDuplicates();
  }

  @Test
  void onlyTheOwnerReadsAPrivateKey() {
    assertThat(files().forExApps())
        .allSatisfy(
            file -> assertThat(file.confidential()).isEqualTo(text(file).contains("PRIVATE KEY")))
        .anyMatch(TunnelFile::confidential);
  }

  @Test
  void whoeverChangesWhatItGotChangesNothingElse() {
    var before = text(files().forExApps().get(0));

    files().forExApps().get(0).content()[0] = 'x';

    assertThat(text(files().forExApps().get(0))).isEqualTo(before);
  }

  private static String text(TunnelFile file) {
    return new String(file.content(), StandardCharsets.US_ASCII);
  }
}
