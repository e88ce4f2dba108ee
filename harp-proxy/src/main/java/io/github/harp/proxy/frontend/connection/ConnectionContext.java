// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.connection;

import io.github.harp.proxy.HarpProxyOptions;
import io.github.harp.proxy.RequestObserver;
import io.github.harp.proxy.exchange.Account;
import io.github.harp.proxy.exchange.ClientStream;
import io.github.harp.proxy.exchange.Exchange;
import io.github.harp.proxy.exchange.RequestHandler;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.github.harp.proxy.loop.LoopResources;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/** What the connections of one event loop share. */
public record ConnectionContext(
    HarpProxyOptions options,
    LoopResources loop,
    RequestHandler requests,
    RequestObserver observer,
    ClientConnections connections,
    ConnectionLimit limit) {

  Exchange begin(ClientStream stream, HttpRequest request, RequestTarget target) {
    return new Exchange(
        new Account(loop.requestIds().next(), observer),
        stream,
        request,
        target.path(),
        target.query(),
        loop.deadlines());
  }

  /** One that can't be read begins, to be refused. */
  Exchange beginUnread(ClientStream stream) {
    var nothing = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf("-"), "");
    return begin(stream, nothing, RequestTarget.NONE);
  }
}
