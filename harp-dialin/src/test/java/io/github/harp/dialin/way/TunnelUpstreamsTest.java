// SPDX-License-Identifier: Apache-2.0
package io.github.harp.dialin.way;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.Secret;
import io.github.harp.core.key.Deployment;
import io.github.harp.core.testing.TestExApp;
import io.github.harp.core.tunnels.TunnelHolder;
import io.github.harp.core.tunnels.TunnelRegister;
import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.TunnelServer;
import io.vertx.core.Future;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelUpstreamsTest {

  private final TunnelServer server;
  private final TunnelRegister tunnels = RegisteredTunnels.register();
  private final TunnelUpstreams upstreams;

  TunnelUpstreamsTest() throws TunnelException {
    server = RegisteredTunnels.unreached();
    upstreams =
        new TunnelUpstreams(
            RegisteredTunnels.ways(server, tunnels),
            exApp -> Future.succeededFuture(new NamedUpstream("direct:" + exApp.address().port())));
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void anExAppThatHasDialledInIsReachedThroughItsTunnel() {
    open(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
    assertThat(where("localhost", 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  void anExAppOnThisHostThatNeverDialledInIsReachedDirectly() {
    assertThat(where("127.0.0.1", 23000)).isEqualTo("direct:23000");
  }

  @Test
  void anExAppElsewhereIsReachedDirectlyWhateverItsPort() {
    open(23000);

    assertThat(where("nc_app_demo", 23000)).isEqualTo("direct:23000");
    assertThat(where("10.0.0.7", 23000)).isEqualTo("direct:23000");
  }

  @Test
  @DisplayName("W7 while an ExApp's tunnel is away, a local process on its port gets nothing")
  void w7_whileATunnelIsAwayALocalProcessOnItsPortGetsNothing() {
    open(23000);
    close(23000);

    assertThat(where("127.0.0.1", 23000)).isEqualTo("tunnel:23000");
  }

  @ParameterizedTest
  @DisplayName("F26: on whatever spelling of this host it is, its tunnel is what it is reached by")
  @ValueSource(
      strings = {
        "LOCALHOST",
        "localhost.",
        "127.0.0.2",
        "0.0.0.0",
        "::",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1"
      })
  void f26_everySpellingOfThisHostIsBehindTheTunnel(String host) {
    open(23000);
    close(23000);

    assertThat(where(host, 23000)).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: what is registered by hand on a port that was another's is reached directly")
  void f13_whatIsRegisteredByHandOnAPortThatWasAnothersIsReachedDirectly() {
    open("demo", "its secret", 23000);
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("direct:23000");
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: also where the same ExApp is registered again, by hand")
  void f13_alsoWhereTheSameExAppIsRegisteredAgain() {
    open("demo", "its secret", 23000);
    close(23000);

    assertThat(where(exApp("demo", "a new secret"))).isEqualTo("direct:23000");
  }

  @Test
  @DisplayName("F13: also where the tunnel was opened with the key, once it was known whose it is")
  void f13_alsoWhereTheTunnelWasOpenedWithTheKey() {
    open(23000);
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("direct:23000");
    assertThat(where(exApp("demo", "its secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("F13: a tunnel of which nobody knows whose it was keeps its port for tunnels")
  void f13_aTunnelOfWhichNobodyKnowsWhoseItWasKeepsItsPort() {
    open(23000);
    close(23000);

    assertThat(where(exApp("by-hand", "another secret"))).isEqualTo("tunnel:23000");
  }

  @Test
  @DisplayName("W7: an ExApp that got a token is not reached directly on a port that had a tunnel")
  void w7_whoGotATokenIsNotReachedDirectlyOnAPortThatHadATunnel() {
    var successor = exApp("successor", "another secret");
    tunnels.expect(successor.deployment(), 23000);
    assertThat(where(successor)).isEqualTo("direct:23000");

    open("demo", "its secret", 23000);
    close(23000);

    assertThat(where(successor)).isEqualTo("tunnel:23000");
  }

  private String where(String host, int port) {
    return where(TestExApp.at(host, port, "demo", "s"));
  }

  private static ExApp exApp(String id, String secret) {
    return TestExApp.at("127.0.0.1", 23000, id, secret);
  }

  private String where(ExApp exApp) {
    return upstreams.locate(exApp).result().toString();
  }

  private void open(int port) {
    tunnels.opened(1, port, TunnelHolder.OF_KEY);
  }

  private void open(String appId, String secret, int port) {
    var deployment = Deployment.of(new AppId(appId), Secret.of(secret));
    tunnels.opened(1, port, new TunnelHolder(Optional.of(deployment)));
  }

  private void close(int port) {
    tunnels.closed(1, port);
  }
}
