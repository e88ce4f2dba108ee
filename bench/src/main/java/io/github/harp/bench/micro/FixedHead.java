// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.micro;

import io.github.harp.core.RequestHead;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request head over Netty's headers, as the frontend gives it. */
record FixedHead(String path, HttpHeaders lines, InetAddress peer) implements RequestHead {

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String query() {
    return "";
  }

  @Override
  public @Nullable String header(CharSequence name) {
    var newestFirst = lines.valueStringIterator(name);
    return newestFirst.hasNext() ? newestFirst.next() : null;
  }

  @Override
  public List<String> headers(CharSequence name) {
    return lines.getAll(name);
  }

  @Override
  public Set<String> headerNames() {
    return lines.names();
  }
}
