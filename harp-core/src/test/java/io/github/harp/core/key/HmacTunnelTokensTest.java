// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.TunnelTokens;
import io.github.harp.core.TunnelTokensContract;
import org.junit.jupiter.api.Test;

class HmacTunnelTokensTest extends TunnelTokensContract {

  @Override
  protected TunnelTokens tokens(String sharedKey) {
    return new HmacTunnelTokens(SharedKey.of(sharedKey));
  }

  @Test
  void theFormIsTheOneOnRecord() {
    assertThat(tokens("the-shared-key").mint("app", 23000))
        .matches("harp1\\.app\\.23000\\.[A-Za-z0-9_-]{43}");
  }
}
