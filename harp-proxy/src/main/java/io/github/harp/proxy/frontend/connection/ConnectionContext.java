// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.LoopResources;
import io.github.harp.proxy.exchange.RequestHandler;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What the connections of one event loop share. */
public record ConnectionContext(
    HarpProxyOptions options,
    LoopResources loop,
    RequestHandler requests,
    RequestObserver observer,
    ClientConnections connections,
    ConnectionLimit limit,
    AtomicLong ids) {

  /** A request begins. */
  public Exchange begin(
      ClientStream client, HttpRequest request, String path, @Nullable String query) {
    var id = ids.incrementAndGet();
    return new Exchange(id, client, request, path, query, loop.deadlines(), observer);
  }

  /** Whether bytes are to be kept for nobody who has some already. */
  public boolean isShort() {
    return loop.holdings().budget().buffers().isShort();
  }

  /** One that can't be read begins, to be refused. */
  public Exchange beginUnread(ClientStream client) {
    var nothing = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), "");
    return begin(client, nothing, "", null);
  }
}
