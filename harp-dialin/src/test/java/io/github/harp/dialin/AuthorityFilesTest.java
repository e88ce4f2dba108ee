// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.core.runtime.spec.TunnelFilesContract;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class AuthorityFilesTest extends TunnelFilesContract {

  private TunnelFiles files;

  @BeforeEach
  void issue(@TempDir Path folder) throws TunnelException {
    files =
        new AuthorityFiles(
            CertificateAuthority.open(folder, Duration.ofDays(90), Clock.systemUTC()));
  }

  @Override
  protected TunnelFiles files() {
    return files;
  }
}
