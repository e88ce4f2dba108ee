// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.RequestHead;
import io.github.harp.proxy.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A view of a request in Netty's form. */
record NettyRequestHead(
    String method, String path, String query, HttpHeaders headers, InetAddress peer)
    implements RequestHead {

  static NettyRequestHead of(Exchange exchange) {
    var request = exchange.request();
    var query = exchange.query();
    return new NettyRequestHead(
        request.method().name(),
        exchange.path(),
        query == null ? "" : query,
        request.headers(),
        exchange.client().peer());
  }

  /** One that stays valid when the request's headers are changed. */
  NettyRequestHead detached() {
    return new NettyRequestHead(method, path, query, headers.copy(), peer);
  }

  /** The last line: this iterator of Netty walks from the newest line to the oldest. */
  @Override
  public @Nullable String header(CharSequence name) {
    var newestFirst = headers.valueStringIterator(name);
    return newestFirst.hasNext() ? newestFirst.next() : null;
  }

  @Override
  public List<String> headers(CharSequence name) {
    return headers.getAll(name);
  }

  @Override
  public Set<String> headerNames() {
    return headers.names();
  }

  /** Without the headers, which hold secrets. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
