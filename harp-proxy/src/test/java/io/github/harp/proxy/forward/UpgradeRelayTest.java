// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.upstream.Upstream;
import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.budget.BudgetLimit;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.budget.UnsentBytes;
import io.github.harp.proxy.exchange.Account;
import io.github.harp.proxy.exchange.Answers;
import io.github.harp.proxy.exchange.Client;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.RequestBody;
import io.github.harp.proxy.forward.pull.RunningPulls;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upgraded connection between two channels whose time stands still: nothing ticks. */
class UpgradeRelayTest {

  private static final int MESSAGES = 50;

  private final Deaf client = new Deaf();
  private final Deaf exApp = new Deaf();
  private final LoopResources loop =
      new LoopResources(
          client.eventLoop(),
          new HarpProxyOptions.Timeouts(),
          ClientBudget.ofThisProcess(),
          new FatalErrors(error -> {}));
  private final Holdings.Holding holding = loop.holdings().open(() -> {});

  /** Takes nothing from a certain moment on. */
  private static final class Deaf extends EmbeddedChannel {

    private boolean takesNothing;

    Deaf() {
      freezeTime();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (!takesNothing) {
        super.doWrite(in);
      }
    }
  }

  @BeforeEach
  void upgrade() {
    var options = HarpProxyOptions.builder().build();
    var forwarder =
        new Forwarder(
            whose -> found -> Future.failedFuture("none"),
            options,
            new UpstreamRemarks(),
            new AtomicInteger(),
            new RunningPulls(Ticker.systemTicker()),
            loop);
    Upstream upstream = eventLoop -> Future.succeededFuture(exApp);
    var exchange = exchange();
    new Forwarding(exchange, () -> Future.succeededFuture(upstream), forwarder, true).start();
    exchange.content(LastHttpContent.EMPTY_LAST_CONTENT);
    client.runPendingTasks();
    exApp.writeInbound(
        Unpooled.copiedBuffer(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
            StandardCharsets.US_ASCII));
    client.takesNothing = true;
    exApp.takesNothing = true;
  }

  private Exchange exchange() {
    var body =
        new RequestBody() {
          @Override
          public void pause() {}

          @Override
          public void resume() {}

          @Override
          public void discard() {}
        };
    var peer = fake(Client.class, (self, method, arguments) -> NetUtil.LOCALHOST);
    var answers =
        fake(
            Answers.class,
            (self, method, arguments) -> method.getReturnType() == boolean.class ? true : null);
    var stream =
        fake(
            ClientStream.class,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "holding" -> holding;
                  case "body" -> body;
                  case "answers" -> answers;
                  case "client" -> peer;
                  case "upgrade" -> {
                    client.pipeline().addLast((ChannelHandler) arguments[1]);
                    yield client;
                  }
                  default -> null;
                });
    return new Exchange(
        new Account("1", RequestObserver.none()),
        stream,
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
        "/",
        null,
        loop.deadlines());
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @AfterEach
  void close() {
    client.takesNothing = false;
    exApp.takesNothing = false;
    client.finishAndReleaseAll();
    exApp.finishAndReleaseAll();
  }

  private long kept() {
    return loop.holdings().budget().buffers().used();
  }

  @ParameterizedTest(name = "by the client: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("S1: what one side does not take counts at once, however small its messages are")
  void whatIsNotTakenCountsAtOnce(boolean byClient) {
    var from = byClient ? exApp : client;
    var to = byClient ? client : exApp;

    for (int i = 0; i < MESSAGES; i++) {
      from.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
    }

    assertThat(kept()).isEqualTo(UnsentBytes.of(to)).isGreaterThan(MESSAGES);
  }

  @Test
  @DisplayName("S1: from half of the memory on one has little waiting before no more of it is read")
  void littleWaitsWhenMuchDoes() {
    var buffers = loop.holdings().budget().buffers();
    exApp.writeInbound(Unpooled.wrappedBuffer(new byte[20 * 1024]));
    assertThat(exApp.config().isAutoRead()).isTrue();

    buffers.add(BudgetLimit.of(buffers) / 2);
    exApp.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
    assertThat(exApp.config().isAutoRead()).isFalse();

    client.takesNothing = false;
    client.flush();
    client.runPendingTasks();
    assertThat(exApp.config().isAutoRead()).isTrue();
  }
}
