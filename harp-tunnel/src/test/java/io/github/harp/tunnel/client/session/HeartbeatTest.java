// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.frp.Bytes;
import io.github.harp.tunnel.frp.ClientMessage;
import io.github.harp.tunnel.frp.Message;
import io.github.harp.tunnel.frp.MessageCodec;
import io.github.harp.tunnel.frp.OpeningMessage;
import io.github.harp.tunnel.frp.ServerMessage;
import io.github.harp.tunnel.frp.V1Codec;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

  private final MockTicker ticker = Ticker.newMockTicker();
  private final List<String> failures = new ArrayList<>();

  @Test
  void aDayOfHeartbeatsPasses() {
    var options = TunnelClientOptions.to("h", 1).tcpMux(false).build();
    var client = channel(options);
    var server = new EmbeddedChannel(new V1Codec());
    logIn(client, server);

    int pings = 0;
    for (int second = 0; second < TimeUnit.DAYS.toSeconds(1); second++) {
      ticker.advance(1, TimeUnit.SECONDS);
      client.runScheduledPendingTasks();
      for (var ping = exchange(client, server); ping != null; ping = server.readInbound()) {
        assertThat(ping).isEqualTo(ClientMessage.Ping.PLAIN);
        pings++;
        server.writeOutbound(ServerMessage.Pong.OK);
        client.writeInbound(Bytes.outbound(server));
      }
    }
    assertThat(pings).isEqualTo(24 * 60 * 2);
    assertThat(failures).isEmpty();
    assertThat(client.isOpen()).isTrue();

    ticker.advance(121, TimeUnit.SECONDS);
    client.runScheduledPendingTasks();
    assertThat(failures).singleElement().asString().contains("no answer to a heartbeat");
  }

  @Test
  void withMultiplexingThereAreNone() {
    var client = channel(TunnelClientOptions.to("h", 1).build());
    var server = new EmbeddedChannel(new V1Codec());
    logIn(client, server);
    ticker.advance(1, TimeUnit.DAYS);
    client.runScheduledPendingTasks();
    assertThat(Bytes.outbound(client).readableBytes()).isZero();
    assertThat(failures).isEmpty();
  }

  private EmbeddedChannel channel(TunnelClientOptions options) {
    return EmbeddedChannel.builder()
        .ticker(ticker)
        .handlers(
            new V1Codec(), new ControlConnection(options, "", Clock.systemUTC(), new Recorder()))
        .build();
  }

  private static void logIn(EmbeddedChannel client, EmbeddedChannel server) {
    assertThat(exchange(client, server)).isInstanceOf(OpeningMessage.Login.class);
    server.writeOutbound(new Message.LoginResp("0.52.3", "id", ""));
    server.pipeline().get(MessageCodec.class).encrypt("");
    client.writeInbound(Bytes.outbound(server));
  }

  private static Message exchange(EmbeddedChannel client, EmbeddedChannel server) {
    var bytes = Bytes.outbound(client);
    if (bytes.isReadable()) {
      server.writeInbound(bytes);
    } else {
      bytes.release();
    }
    return server.readInbound();
  }

  private final class Recorder implements ControlConnection.Events {
    @Override
    public void loggedIn(ChannelHandlerContext control, String runId) {}

    @Override
    public void workConnectionWanted() {}

    @Override
    public void introduced(ServerMessage.NatHoleResp answer) {
      throw new AssertionError(answer);
    }

    @Override
    public void proxyAnswered(ServerMessage.NewProxyResp answer) {}

    @Override
    public void failed(String reason) {
      if (failures.isEmpty()) {
        failures.add(reason);
      }
    }
  }
}
