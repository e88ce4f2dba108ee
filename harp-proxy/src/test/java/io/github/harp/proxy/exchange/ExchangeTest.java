// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.budget.ClientBudget;
import io.github.harp.proxy.budget.Holdings;
import io.github.harp.proxy.loop.FatalErrors;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** F1: a pause is of the body of one request, and of no other on its connection. */
class ExchangeTest {

  private final List<String> told = new ArrayList<>();
  private final Holdings.Holding holding =
      new Holdings(ClientBudget.ofThisProcess(), () -> 0).open(() -> {});
  private final Exchange exchange = exchange();

  private final class Body implements RequestBody {
    @Override
    public void pause() {
      told.add("pause");
    }

    @Override
    public void resume() {
      told.add("resume");
    }

    @Override
    public void discard() {
      told.add("discard");
    }
  }

  private Exchange exchange() {
    var body = new Body();
    var stream =
        (ClientStream)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ClientStream.class},
                (self, method, arguments) ->
                    switch (method.getName()) {
                      case "holding" -> holding;
                      case "body" -> body;
                      default -> null;
                    });
    var resources =
        new LoopResources(
            new EmbeddedChannel().eventLoop(),
            new HarpProxyOptions.Timeouts(),
            ClientBudget.ofThisProcess(),
            new FatalErrors(error -> {}));
    return new Exchange(
        new Account("1", RequestObserver.none()),
        stream,
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.PUT, "/"),
        "/",
        null,
        resources.deadlines());
  }

  @Test
  void aPauseEndsOnce() {
    exchange.pauseBody();
    exchange.pauseBody();
    exchange.resumeBody();
    exchange.resumeBody();

    assertThat(told).containsExactly("pause", "resume");
  }

  @Test
  @DisplayName("F1: what resumes an earlier request late does not resume the next one")
  void aLateEndOfAPauseIsNobodys() {
    exchange.pauseBody();
    exchange.content(LastHttpContent.EMPTY_LAST_CONTENT);
    exchange.resumeBody();

    assertThat(told).containsExactly("pause");
  }

  @Test
  @DisplayName("F1: what pauses a request that has been read does not pause the next one")
  void aLatePauseIsNobodys() {
    exchange.content(LastHttpContent.EMPTY_LAST_CONTENT);
    exchange.pauseBody();

    assertThat(told).isEmpty();
  }
}
