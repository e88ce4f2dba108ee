// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.testing;

import io.github.harp.core.RequestHead;
import io.vertx.core.MultiMap;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/** A request head made by hand. */
public record TestHead(String method, String path, MultiMap lines) implements RequestHead {

  public static TestHead of(String method, String path) {
    return new TestHead(method, path, MultiMap.caseInsensitiveMultiMap());
  }

  /** Adds a header line. */
  public TestHead with(String name, String value) {
    lines.add(name, value);
    return this;
  }

  @Override
  public String query() {
    return "";
  }

  @Override
  public String header(CharSequence name) {
    var all = headers(name);
    return all.isEmpty() ? null : all.get(all.size() - 1);
  }

  @Override
  public List<String> headers(CharSequence name) {
    return lines.getAll(name.toString());
  }

  @Override
  public Set<String> headerNames() {
    return lines.names();
  }

  @Override
  public InetAddress peer() {
    return InetAddress.getLoopbackAddress();
  }
}
