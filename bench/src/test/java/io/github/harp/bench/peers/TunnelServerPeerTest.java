// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TunnelServerPeerTest {

  @Test
  void theScriptsOptionsAreThoseOfTheScript() throws IOException {
    var script = Files.readString(Path.of("../packaging/bin/harp"));

    assertThat(script).contains(TunnelServerPeer.SCRIPT_OPTIONS);
    assertThat(TunnelServerPeer.SCRIPT_ENVIRONMENT)
        .allSatisfy((name, value) -> assertThat(script).contains(name + ":-" + value));
  }
}
