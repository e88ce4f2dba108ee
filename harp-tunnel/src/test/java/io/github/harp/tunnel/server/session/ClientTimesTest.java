// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.TunnelException;
import io.github.harp.tunnel.carrier.ServerSockets;
import io.github.harp.tunnel.frp.ClientMessage.CloseProxy;
import io.github.harp.tunnel.frp.ClientMessage.NewProxy;
import io.github.harp.tunnel.frp.ClientMessage.Ping;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.Message.LoginResp;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage.ClientSpec;
import io.github.harp.tunnel.frp.OpeningMessage.Login;
import io.github.harp.tunnel.frp.OpeningMessage.NewWorkConn;
import io.github.harp.tunnel.frp.PrivilegeKey;
import io.github.harp.tunnel.frp.ServerMessage.NewProxyResp;
import io.github.harp.tunnel.frp.ServerMessage.Pong;
import io.github.harp.tunnel.frp.ServerMessage.ReqWorkConn;
import io.github.harp.tunnel.frp.V1Codec;
import io.github.harp.tunnel.server.TunnelAuthenticator;
import io.github.harp.tunnel.server.TunnelServerOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client without multiplexing, on a clock that we turn. */
class ClientTimesTest {

  private final Clients clients =
      new Clients(
          TunnelServerOptions.builder()
              .plain(true)
              .authenticator(TunnelAuthenticator.sharedKey("k"))
              .build(),
          ServerSockets.onOwnLoops());
  private final EmbeddedChannel server = new Remote();
  private final EmbeddedChannel client = new EmbeddedChannel(new V1Codec());
  private String runId;

  /** An embedded channel that has an Internet address. */
  private static final class Remote extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
      return new InetSocketAddress("203.0.113.7", 4711);
    }
  }

  @BeforeEach
  void logIn() throws Exception {
    server.freezeTime();
    server.pipeline().addLast(clients.acceptor());
    sends(
        new Login(
            "0.57.0",
            "",
            "",
            "",
            "",
            PrivilegeKey.of("", 1),
            1,
            "",
            "",
            Map.of("token", "k"),
            ClientSpec.NONE,
            0));
    runId = ((LoginResp) awaitReply()).runId();
    client.pipeline().get(MessageCodec.class).encrypt("");
    assertThat(clients.status().sessions()).hasSize(1);
  }

  private void sends(Message message) {
    client.writeOutbound(message);
    for (ByteBuf bytes = client.readOutbound(); bytes != null; bytes = client.readOutbound()) {
      server.writeInbound(bytes);
    }
    server.runPendingTasks();
  }

  private Message reply() {
    for (ByteBuf bytes = server.readOutbound(); bytes != null; bytes = server.readOutbound()) {
      client.writeInbound(bytes);
    }
    return client.readInbound();
  }

  private Message awaitReply() {
    server.runPendingTasks();
    return reply();
  }

  private void pass(long seconds) {
    for (long i = 0; i < seconds; i += 5) {
      server.advanceTimeBy(5, TimeUnit.SECONDS);
      server.runScheduledPendingTasks();
      server.runPendingTasks();
    }
  }

  @Test
  void aDayOfHeartbeatsKeepsAClient() {
    for (int i = 0; i < 24 * 60 * 2; i++) {
      pass(30);
      sends(Ping.PLAIN);
      assertThat(reply()).isEqualTo(Pong.OK);
    }

    assertThat(clients.status().sessions()).hasSize(1);
  }

  @Test
  void aClientWithoutAHeartbeatIsGivenUpAfterNinetySeconds() {
    pass(90);
    assertThat(clients.status().sessions()).hasSize(1);

    pass(10);

    assertThat(clients.status().sessions()).isEmpty();
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void connectionsOfAClientThatWasGivenUpEnd() {
    sends(NewProxy.tcp("app", 23_000, false, false));
    var answer = (NewProxyResp) awaitReply();
    assertThat(answer.error()).isEmpty();
    var work = new Remote();
    work.pipeline().addLast(clients.acceptor());
    var workClient = new EmbeddedChannel(new V1Codec());
    workClient.writeOutbound(NewWorkConn.of(runId));
    work.writeInbound((ByteBuf) workClient.readOutbound());
    Future<Channel> user = clients.dial("", 23_000, work.eventLoop(), anybody -> true);
    for (int i = 0; i < 10; i++) {
      pass(5);
      work.runPendingTasks();
    }
    assertThat(user.getNow()).isSameAs(work);

    pass(100);
    work.runPendingTasks();

    assertThat(work.isOpen()).isFalse();
  }

  @Test
  void usersOfANewProxyWaitUntilItsClientKnowsThatItRuns() {
    sends(NewProxy.tcp("app", 23_000, false, false));
    assertThat(awaitReply()).isEqualTo(new NewProxyResp("app", ":23000", ""));
    assertThat(clients.status().sessions().get(0).proxies()).hasSize(1);
    Future<Channel> user = clients.dial("", 23_000, server.eventLoop(), anybody -> true);
    server.runPendingTasks();

    assertThat(reply()).as("a work connection now could overtake the answer").isNull();

    server.advanceTimeBy(50, TimeUnit.MILLISECONDS);
    server.runScheduledPendingTasks();
    server.runPendingTasks();
    assertThat(reply()).isInstanceOf(ReqWorkConn.class);
    assertThat(user.isDone()).isFalse();
  }

  @Test
  void usersOfANewProxyAreLetGoWhenItIsWithdrawnAtOnce() {
    sends(NewProxy.tcp("app", 23_000, false, false));
    assertThat(awaitReply()).isInstanceOf(NewProxyResp.class);
    Future<Channel> user = clients.dial("", 23_000, server.eventLoop(), anybody -> true);
    server.runPendingTasks();

    sends(new CloseProxy("app"));

    assertThat(user.cause())
        .isInstanceOfSatisfying(
            TunnelException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(TunnelException.Code.CLOSED));
    pass(5);
    assertThat(reply()).isNull();
  }
}
