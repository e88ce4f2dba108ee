// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.upstream.Engines;
import io.github.harp.proxy.SideDoor;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SideDoorTest {

  private record Door(boolean open) implements SideDoor {
    @Override
    public String path() {
      return "/door";
    }

    @Override
    public Optional<Map<String, String>> answer(UnaryOperator<String> header) {
      return open ? Optional.of(Map.of()) : Optional.empty();
    }

    @Override
    public ChannelHandler takeOver(InetSocketAddress client) {
      return new ChannelInboundHandlerAdapter();
    }
  }

  @Test
  void whoKnocksOverHttp2EndsNobodysConnection() throws Exception {
    try (var proxy =
            TestProxy.start(
                TestProxy.options(),
                Engines.of(Map.of()),
                builder -> builder.sideDoor(new Door(false)));
        var client = new Http2Client(proxy.address())) {
      for (int i = 0; i < 3; i++) {
        var answer = client.open(Http2Client.get("/door"), true).headers();
        assertThat(answer.headers().status()).hasToString("400");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET /door HTTP/1.1, 101",
    "GET /door HTTP/1.0, 400",
    "POST /door HTTP/1.1, 400",
    "HEAD /door HTTP/1.1, 400",
  })
  void onlyAGetOfHttp11MaySwitch(String line, int status) throws Exception {
    try (var proxy =
            TestProxy.start(
                TestProxy.options(),
                Engines.of(Map.of()),
                builder -> builder.sideDoor(new Door(true)));
        var client = proxy.connect()) {
      client.send(line + "\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");

      assertThat(client.readHead().status()).isEqualTo(status);
    }
  }
}
