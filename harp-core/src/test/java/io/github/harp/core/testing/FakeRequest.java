// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.RequestHead;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A request head made by hand. */
public final class FakeRequest implements RequestHead {
  public static final String STRANGER = "203.0.113.7";

  private final String method;
  private final String path;
  private final String query;
  private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private InetAddress peer = address(STRANGER);

  private FakeRequest(String method, String path, String query) {
    this.method = method;
    this.path = path;
    this.query = query;
  }

  public static FakeRequest get(String path) {
    return new FakeRequest("GET", path, "");
  }

  /**
   * @param target a path, perhaps with a query
   */
  public static FakeRequest of(String method, String target) {
    var parts = target.split("\\?", 2);
    return new FakeRequest(method, parts[0], parts.length == 2 ? parts[1] : "");
  }

  public static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }

  public FakeRequest from(String peerAddress) {
    peer = address(peerAddress);
    return this;
  }

  /** One more line of a header. */
  public FakeRequest header(String name, String value) {
    headers.computeIfAbsent(name, it -> new ArrayList<>()).add(value);
    return this;
  }

  public FakeRequest session(String passphrase) {
    return header("cookie", "ocid=1; oc_sessionPassphrase=" + passphrase);
  }

  public FakeRequest key(String key) {
    return header("harp-shared-key", key);
  }

  /** As AppAPI signs its own requests. */
  public FakeRequest signed(String key, String authorization) {
    return key(key)
        .header("ex-app-id", "app")
        .header("ex-app-version", "9.9.9")
        .header("ex-app-host", "10.1.2.3")
        .header("ex-app-port", "23099")
        .header("authorization-app-api", authorization);
  }

  /** The same without a header. */
  public FakeRequest without(String name) {
    headers.remove(name);
    return this;
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public String query() {
    return query;
  }

  @Override
  public String header(CharSequence name) {
    var lines = headers.get(name.toString());
    return lines == null ? null : lines.get(lines.size() - 1);
  }

  @Override
  public List<String> headers(CharSequence name) {
    return headers.getOrDefault(name.toString(), List.of());
  }

  @Override
  public Set<String> headerNames() {
    return headers.keySet();
  }

  @Override
  public InetAddress peer() {
    return peer;
  }
}
