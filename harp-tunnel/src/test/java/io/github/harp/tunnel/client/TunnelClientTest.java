// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientStatus.ProxyState;
import io.github.harp.tunnel.client.TunnelClientStatus.State;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage;
import io.github.harp.tunnel.interop.EchoServer;
import io.github.harp.tunnel.interop.FreePort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client does when the server does what it should, and when it does not. */
class TunnelClientTest {

  private ScriptedServer server;
  private EchoServer echo;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
    echo = EchoServer.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    echo.close();
  }

  @Test
  void logsInAsFrpcDoes() throws Exception {
    var options =
        server.options().metas(Map.of("token", "k")).user("me").frpToken("t").poolCount(3);
    try (var client = TunnelClient.start(options.build())) {
      var login = server.accept().expect(OpeningMessage.Login.class);

      assertThat(login.version()).matches("\\d+\\.\\d+\\.\\d+");
      assertThat(login.user()).isEqualTo("me");
      assertThat(login.metas()).isEqualTo(Map.of("token", "k"));
      assertThat(login.poolCount()).isEqualTo(3);
      assertThat(login.runId()).isEmpty();
      assertThat(PrivilegeKey.matches(login.privilegeKey(), "t", login.timestamp())).isTrue();
      assertThat(client.status().state()).isEqualTo(State.CONNECTING);
    }
  }

  @Test
  void reachesAServerWhoseFirstAddressesAnswerNobody() throws Exception {
    var names =
        new TunnelNames() {
          @Override
          public CompletionStage<List<InetAddress>> addressesOf(String host) {
            return CompletableFuture.completedStage(
                Stream.of(3, 2, 1).map(TunnelClientTest::loopback).toList());
          }

          @Override
          public void forget(String host) {}
        };
    try (var client =
        TunnelClient.start(server.options("several.example").names(loop -> names).build())) {
      server.acceptLogin("id");
      await().until(() -> client.status().logins() == 1);
      assertThat(client.status().lastFailure()).isEmpty();
    }
  }

  private static InetAddress loopback(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void offersItsProxiesUnderTheUsersName() throws Exception {
    try (var client =
        TunnelClient.start(server.options().user("me").proxies(echoProxy()).build())) {
      var control = server.acceptLogin("id");
      assertThat(control.expect(ClientMessage.NewProxy.class))
          .isEqualTo(ClientMessage.NewProxy.tcp("me.app", 23000, false, false));
      control.send(new ServerMessage.NewProxyResp("me.app", ":23000", ""));
      await().until(() -> client.status().isHealthy());
      assertThat(client.status().proxies().get(0).remoteAddress()).isEqualTo(":23000");
    }
  }

  @Test
  void comesBackWithItsRunId() throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      server.acceptLogin("the-first").hangUp();
      var again = server.accept();
      assertThat(again.expect(OpeningMessage.Login.class).runId()).isEqualTo("the-first");
      again.answerLogin("the-second");
      await().until(() -> client.status().logins() == 2);
      again.hangUp();
      assertThat(server.accept().expect(OpeningMessage.Login.class).runId())
          .isEqualTo("the-second");
    }
  }

  @Test
  void connectsAUserToTheTarget() throws Exception {
    try (var client = TunnelClient.start(server.options().proxies(echoProxy()).build())) {
      var control = server.acceptLogin("id");
      control.expect(ClientMessage.NewProxy.class);
      control.send(new ServerMessage.ReqWorkConn());
      var work = server.accept();
      assertThat(work.expect(OpeningMessage.NewWorkConn.class).runId()).isEqualTo("id");
      work.startPayload("app");
      work.sendPayload("hello");
      assertThat(work.expectPayload(5)).isEqualTo("hello");
      assertThat(client.status().proxies().get(0).openConnections()).isEqualTo(1);
      work.hangUp();
      await().until(() -> client.status().proxies().get(0).openConnections() == 0);
      await().untilAsserted(() -> assertThat(echo.openConnections()).isZero());
    }
  }

  @Test
  void anAbortedUploadDoesNotLookComplete() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client =
            TunnelClient.start(
                server
                    .options()
                    .proxies(
                        TunnelProxy.of(
                            "app", 0, new TunnelTarget.Tcp("127.0.0.1", listener.getLocalPort())))
                    .build())) {
      var control = server.acceptLogin("id");
      control.send(new ServerMessage.ReqWorkConn());
      var work = server.accept();
      work.expect(OpeningMessage.NewWorkConn.class);
      work.startPayload("app");
      work.sendPayload("half of");
      try (var service = listener.accept()) {
        service.setSoTimeout(30_000);
        assertThat(service.getInputStream().readNBytes(7)).asString().isEqualTo("half of");
        work.reset();
        assertThatThrownBy(() -> service.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      assertThat(client.status().state()).isEqualTo(State.CONNECTED);
    }
  }

  @Test
  void opensOneConnectionForEachThatIsWanted() throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      var control = server.acceptLogin("id");
      for (int i = 0; i < 5; i++) {
        control.send(new ServerMessage.ReqWorkConn());
      }
      for (int i = 0; i < 5; i++) {
        server.accept().expect(OpeningMessage.NewWorkConn.class);
      }
      assertThat(server.hasAnotherConnection()).isFalse();
      assertThat(client.status().state()).isEqualTo(State.CONNECTED);
    }
  }

  @Test
  void theEndOfTheSessionEndsEveryConnection() throws Exception {
    try (var client = TunnelClient.start(server.options().proxies(echoProxy()).build())) {
      var control = server.acceptLogin("id");
      control.send(new ServerMessage.ReqWorkConn());
      var work = server.accept();
      work.expect(OpeningMessage.NewWorkConn.class);
      work.startPayload("app");
      work.sendPayload("x");
      work.expectPayload(1);
      control.hangUp();
      work.awaitEnd();
      await().untilAsserted(() -> assertThat(echo.openConnections()).isZero());
      assertThat(client.status().proxies().get(0).state()).isEqualTo(ProxyState.PENDING);
    }
  }

  @Test
  void closingEndsEverythingAndStaysClosed() throws Exception {
    var client = TunnelClient.start(server.options().proxies(echoProxy()).build());
    var control = server.acceptLogin("id");
    control.expect(ClientMessage.NewProxy.class);
    client.close();
    client.close();
    assertThat(client.closed()).succeedsWithin(Duration.ofSeconds(30));
    control.awaitEnd();
    assertThat(client.status().state()).isEqualTo(State.CLOSED);
    assertThat(server.hasAnotherConnection()).isFalse();
  }

  // ---- a server that misbehaves

  @Test
  void aLoginWithoutAnswerIsGivenUp() throws Exception {
    try (var client =
        TunnelClient.start(server.options().connectTimeout(Duration.ofSeconds(2)).build())) {
      server.accept().awaitEnd();
      server.accept();
      assertThat(client.status().lastFailure().orElseThrow()).contains("no answer to the login");
    }
  }

  @Test
  void aRefusedLoginIsTriedAgainForEver() throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      for (int i = 0; i < 5; i++) {
        var peer = server.accept();
        peer.expect(OpeningMessage.Login.class);
        peer.send(new Message.LoginResp("", "", "banned"));
      }
      server.accept();
      assertThat(client.status().lastFailure()).contains("the server refused the login: banned");
      assertThat(client.status().logins()).isZero();
    }
  }

  @Test
  void anAnswerWithoutRunIdIsNone() throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      var peer = server.accept();
      peer.expect(OpeningMessage.Login.class);
      peer.send(new Message.LoginResp("", "", ""));
      server.accept();
      assertThat(client.status().lastFailure().orElseThrow()).contains("run_id");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7200000000000000027b7d", // a known message that is no answer
        "ff", // no message
        "31ffffffffffffffff", // a negative length
        "310000000000010000", // far too long
        "3100000000000000027b5d" // no JSON
      })
  void nonsenseInsteadOfAnAnswerEndsTheAttempt(String bytes) throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      var peer = server.accept();
      peer.expect(OpeningMessage.Login.class);
      peer.sendBytes(bytes);
      peer.awaitEnd();
      server.accept();
      assertThat(client.status().lastFailure()).isPresent();
    }
  }

  @Test
  void messagesThatMeanNothingToAClientAreIgnored() throws Exception {
    try (var client = TunnelClient.start(server.options().build())) {
      var control = server.acceptLogin("id");
      control.send(new ClientMessage.CloseProxy("x"));
      control.send(new ServerMessage.NewProxyResp("never-offered", ":1", ""));
      control.send(new ServerMessage.ReqWorkConn());
      server.accept().expect(OpeningMessage.NewWorkConn.class);
      assertThat(control.isOpen()).isTrue();
      assertThat(client.status().state()).isEqualTo(State.CONNECTED);
    }
  }

  @Test
  void aWorkConnectionIsClosedWhenTheServerUsesItWrongly() throws Exception {
    try (var client = TunnelClient.start(server.options().proxies(echoProxy()).build())) {
      var control = server.acceptLogin("id");
      for (var wrong :
          new Message[] {
            new Message.StartWorkConn("app", "", "", 0, 0, "pool is full"),
            new Message.StartWorkConn("other", "", "", 0, 0, ""),
            new ServerMessage.Pong("")
          }) {
        control.send(new ServerMessage.ReqWorkConn());
        var work = server.accept();
        work.expect(OpeningMessage.NewWorkConn.class);
        work.send(wrong);
        work.awaitEnd();
      }
      assertThat(control.isOpen()).isTrue();
      assertThat(client.status().proxies().get(0).connections()).isZero();
    }
  }

  @Test
  void aServerThatStopsAnsweringHeartbeatsIsLeft() throws Exception {
    var heartbeat = new TunnelClientOptions.Heartbeat(Duration.ofMillis(50), Duration.ofSeconds(2));
    try (var client = TunnelClient.start(server.options().heartbeat(heartbeat).build())) {
      var control = server.acceptLogin("id");
      control.expect(ClientMessage.Ping.class);
      control.send(ServerMessage.Pong.OK);
      control.expect(ClientMessage.Ping.class);
      control.awaitEnd();
      server.accept();
      assertThat(client.status().lastFailure().orElseThrow()).contains("heartbeat");
    }
  }

  @Test
  void aRefusedHeartbeatEndsTheSession() throws Exception {
    var heartbeat =
        new TunnelClientOptions.Heartbeat(Duration.ofMillis(50), Duration.ofSeconds(30));
    try (var client = TunnelClient.start(server.options().heartbeat(heartbeat).build())) {
      var control = server.acceptLogin("id");
      control.expect(ClientMessage.Ping.class);
      control.send(new ServerMessage.Pong("no"));
      control.awaitEnd();
      server.accept();
      assertThat(client.status().lastFailure()).contains("the server refused a heartbeat: no");
    }
  }

  @Test
  void anUnknownHostNameIsAFailureLikeAnyOther() {
    var options =
        TunnelClientOptions.to("does-not-exist.invalid", 8782).retries(ScriptedServer.RETRIES);
    try (var client = TunnelClient.start(options.build())) {
      await().until(() -> client.status().lastFailure().isPresent());
      assertThat(client.status().lastFailure().orElseThrow()).contains("does-not-exist.invalid");
    }
  }

  @Test
  void optionsThatCannotWorkAreRefused() throws Exception {
    var options = TunnelClientOptions.to("h", FreePort.find());
    assertThatThrownBy(() -> TunnelClientOptions.to("", 1).build())
        .hasMessageContaining("expected a host name");
    assertThatThrownBy(() -> TunnelClientOptions.to("h", 0).build())
        .hasMessageContaining("expected 1-65535");
    assertThatThrownBy(() -> TunnelClientOptions.to("h", 1).poolCount(-1).build())
        .hasMessageContaining("expected 0-100");
    assertThatThrownBy(() -> options.proxies(echoProxy(), echoProxy()).build())
        .hasMessageContaining("two proxies");
    assertThatThrownBy(() -> new TunnelTarget.Tcp("h", 0)).hasMessageContaining("expected 1-65535");
  }

  private TunnelProxy echoProxy() {
    return TunnelProxy.of("app", 23000, new TunnelTarget.Tcp("127.0.0.1", echo.port()));
  }
}
