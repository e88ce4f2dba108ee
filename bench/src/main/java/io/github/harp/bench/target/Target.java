// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.target;

import io.github.harp.bench.backend.App;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Where a load generator sends its requests.
 *
 * @param port on loopback
 * @param tls whether HTTPS is spoken there
 * @param pathPrefix what comes before the name of a resource
 * @param headers what a request needs besides {@code Host}
 */
public record Target(int port, boolean tls, String pathPrefix, Map<String, String> headers) {

  /** A target of plain HTTP without further headers. */
  public static Target http(int port, App app) {
    return new Target(port, false, app.pathPrefix(), Map.of());
  }

  /** A target of HTTPS without further headers. */
  public static Target https(int port, App app) {
    return new Target(port, true, app.pathPrefix(), Map.of());
  }

  /** The path of a resource. */
  public String path(String resource) {
    return pathPrefix + "/" + resource;
  }

  /** The URL of a resource. */
  public String url(String resource) {
    return (tls ? "https" : "http") + "://127.0.0.1:" + port + path(resource);
  }

  /** The socket address. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** A request head of HTTP/1.1 without the empty line at its end. */
  public String requestHead(String method, String resource) {
    var head = new StringBuilder(method + " " + path(resource) + " HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1:").append(port).append("\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    return head.toString();
  }
}
