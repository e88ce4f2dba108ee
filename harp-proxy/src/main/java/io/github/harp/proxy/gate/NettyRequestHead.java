// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.gate;

import io.github.harp.core.RequestHead;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A view of a request in Netty's form. */
record NettyRequestHead(String method, String path, HttpHeaders headers, InetAddress peer)
    implements RequestHead {

  NettyRequestHead(HttpRequest request, String path, InetAddress peer) {
    this(request.method().name(), path, request.headers(), peer);
  }

  /** One that stays valid when the request's headers are changed. */
  NettyRequestHead detached() {
    return new NettyRequestHead(method, path, headers.copy(), peer);
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
