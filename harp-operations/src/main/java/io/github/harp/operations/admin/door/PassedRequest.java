// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.github.harp.core.RequestHead;
import io.github.harp.proxy.OwnPages;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request that the gateway has passed on, as its sender sent it. */
record PassedRequest(String method, String path, String query, MultiMap sent, InetAddress peer)
    implements RequestHead {

  static PassedRequest of(HttpServerRequest request, InetAddress client) {
    var sent = MultiMap.caseInsensitiveMultiMap().addAll(request.headers());
    sent.remove(OwnPages.PASS).remove(OwnPages.CLIENT).remove(OwnPages.NEXTCLOUD);
    return new PassedRequest(
        request.method().name(),
        request.path(),
        Objects.requireNonNullElse(request.query(), ""),
        sent,
        client);
  }

  @Override
  public @Nullable String header(CharSequence name) {
    var all = sent.getAll(name);
    return all.isEmpty() ? null : all.get(all.size() - 1);
  }

  @Override
  public List<String> headers(CharSequence name) {
    return sent.getAll(name);
  }

  @Override
  public Set<String> headerNames() {
    return sent.names();
  }

  /** Without the headers, which hold secrets. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
