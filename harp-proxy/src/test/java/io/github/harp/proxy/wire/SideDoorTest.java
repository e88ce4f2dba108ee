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

class SideDoorTest {

  private record Closed() implements SideDoor {
    @Override
    public String path() {
      return "/door";
    }

    @Override
    public Optional<Map<String, String>> answer(UnaryOperator<String> header) {
      return Optional.empty();
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
                builder -> builder.sideDoor(new Closed()));
        var client = new Http2Client(proxy.address())) {
      for (int i = 0; i < 3; i++) {
        var answer = client.open(Http2Client.get("/door"), true).headers();
        assertThat(answer.headers().status()).hasToString("400");
      }
    }
  }
}
