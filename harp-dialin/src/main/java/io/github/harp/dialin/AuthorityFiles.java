// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin;

import io.github.harp.core.runtime.spec.TunnelFiles;
import io.github.harp.tunnel.pki.CertificateAuthority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The authority's current files in the form that containers get them. */
record AuthorityFiles(CertificateAuthority authority) implements TunnelFiles {

  @Override
  public List<TunnelFile> forExApps() {
    return authority.clientFiles().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            file ->
                new TunnelFile(
                    file.getKey(),
                    file.getValue().getBytes(StandardCharsets.US_ASCII),
                    file.getKey().endsWith(".key")))
        .toList();
  }
}
