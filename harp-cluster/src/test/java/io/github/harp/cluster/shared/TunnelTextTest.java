// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.cluster.shared.PortClaims.Claim;
import io.github.harp.core.AppId;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.tunnels.Past;
import io.github.harp.core.tunnels.TunnelHolder;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one node says of a tunnel another reads as it was meant. */
class TunnelTextTest {

  private static final Deployment WITH_SECRET =
      Deployment.of(new AppId("demo"), Secret.of("its secret"));
  private static final Deployment OF_ANY_SECRET = Deployment.of(new AppId("demo"));

  /** As it arrives. */
  private static JsonObject sent(JsonObject text) {
    return new JsonObject(text.toBuffer());
  }

  private static void passes(Optional<TunnelHolder> by) {
    var claim = new Claim(23_000, 1L << 40, "run", "node", by);
    assertThat(TunnelText.claim(sent(TunnelText.of(claim)))).isEqualTo(claim);
  }

  @Test
  void whoseATunnelIsPasses() {
    passes(Optional.empty());
    passes(Optional.of(TunnelHolder.OF_KEY));
    passes(Optional.of(new TunnelHolder(Optional.of(WITH_SECRET))));
    passes(Optional.of(new TunnelHolder(Optional.of(OF_ANY_SECRET))));
  }

  private static void passes(Past past) {
    assertThat(TunnelText.past(sent(TunnelText.of(23_000, past)))).isEqualTo(past);
  }

  @Test
  void whoseTunnelsThereWerePasses() {
    passes(new Past(false, false, List.of()));
    passes(new Past(true, false, List.of(WITH_SECRET)));
    passes(new Past(false, true, List.of()));
    passes(new Past(true, true, List.of(OF_ANY_SECRET, WITH_SECRET)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 65_536, Integer.MAX_VALUE})
  void aPortThatThereIsNotIsRefused(int port) {
    var text = new JsonObject().put("port", port);
    assertThatThrownBy(() -> TunnelText.port(text)).hasMessage("port " + port);
  }
}
