// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.http2;

import io.github.harp.proxy.frontend.head.MalformedRequest;
import io.github.harp.proxy.frontend.head.RequestHeadRules;
import io.github.harp.proxy.frontend.head.RequestTarget;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Headers.PseudoHeaderName;
import io.netty.util.AsciiString;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A request head of HTTP/2 as one of HTTP/1.1 (RFC 9113, section 8.3): pseudo-headers become the
 * request line and Host, cookie crumbs one Cookie, an extended CONNECT (RFC 8441) an Upgrade.
 */
final class Http2RequestHead {

  /** What a head that is not in order fails with. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient MalformedRequest request;

    MalformedException(String reason) {
      this(new MalformedRequest(reason));
    }

    MalformedException(MalformedRequest request) {
      super(request.reason(), null, false, false);
      this.request = request;
    }

    MalformedRequest request() {
      return request;
    }
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int WEBSOCKET_KEY_BYTES = 16;
  private static final AsciiString PROTOCOL = PseudoHeaderName.PROTOCOL.value();
  private static final AsciiString WEBSOCKET_KEY = HttpHeaderNames.SEC_WEBSOCKET_KEY;

  private Http2RequestHead() {}

  /**
   * @param hasBody whether DATA follows
   */
  static HttpRequest toHttp1(Http2Headers headers, boolean hasBody) throws MalformedException {
    var method = required(headers, PseudoHeaderName.METHOD.value());
    var protocol = single(headers, PROTOCOL);
    boolean isConnect = method.equals("CONNECT");
    if (protocol != null && !isConnect) {
      throw new MalformedException(":protocol without CONNECT");
    }
    boolean isPlainConnect = isConnect && protocol == null;
    var authority = single(headers, PseudoHeaderName.AUTHORITY.value());
    var target =
        isPlainConnect
            ? String.valueOf(authority)
            : target(required(headers, PseudoHeaderName.PATH.value()));
    if (!isPlainConnect) {
      required(headers, PseudoHeaderName.SCHEME.value());
    }
    var request =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1, method(protocol == null ? method : "GET"), target);
    copyRegular(headers, request);
    setHost(request, authority);
    setFraming(request, hasBody && protocol == null);
    if (protocol != null) {
      setUpgrade(request, protocol);
    }
    return request;
  }

  private static HttpMethod method(String name) throws MalformedException {
    try {
      return HttpMethod.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("a method that is not one");
    }
  }

  private static String target(String path) throws MalformedException {
    if (!path.startsWith("/") && !path.equals("*")) {
      throw new MalformedException(":path that does not begin with /");
    }
    boolean hasNonAscii = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c <= ' ' || c == 0x7f || c == '#') {
        throw new MalformedException("byte in :path: 0x" + Integer.toHexString(c));
      }
      hasNonAscii |= c > 0x7f;
    }
    return hasNonAscii ? RequestTarget.percentEncodeNonAscii(path) : path;
  }

  private static void copyRegular(Http2Headers headers, HttpRequest request)
      throws MalformedException {
    StringBuilder cookies = null;
    for (var header : headers) {
      CharSequence name = header.getKey();
      CharSequence value = header.getValue();
      if (name.length() == 0 || name.charAt(0) == ':') {
        continue;
      }
      if (request.headers().size() > RequestHeadRules.MAX_HEADERS) {
        throw new MalformedException(RequestHeadRules.tooManyHeaders());
      }
      if (isPadded(value)) {
        throw new MalformedException("a header value with blanks around it");
      }
      if (HttpHeaderNames.COOKIE.contentEquals(name)) {
        cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
        cookies.append(value);
      } else {
        try {
          request.headers().add(name, value);
        } catch (IllegalArgumentException e) {
          throw new MalformedException("a header that HTTP/1.1 can't hold");
        }
      }
    }
    if (cookies != null) {
      request.headers().set(HttpHeaderNames.COOKIE, cookies.toString());
    }
  }

  private static boolean isPadded(CharSequence value) {
    return value.length() > 0
        && (isBlank(value.charAt(0)) || isBlank(value.charAt(value.length() - 1)));
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static void setHost(HttpRequest request, @Nullable String authority)
      throws MalformedException {
    var hosts = request.headers().getAll(HttpHeaderNames.HOST);
    var host = authority == null && hosts.size() == 1 ? hosts.get(0) : authority;
    if (host == null || host.isEmpty() || !RequestHeadRules.isAuthority(host)) {
      throw new MalformedException("no :authority, or one that is not a host");
    }
    for (var other : hosts) {
      if (!other.equalsIgnoreCase(host)) {
        throw new MalformedException("Host other than :authority");
      }
    }
    request.headers().set(HttpHeaderNames.HOST, host);
  }

  private static void setFraming(HttpRequest request, boolean hasBody) throws MalformedException {
    if (request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      throw new MalformedException("Transfer-Encoding in HTTP/2");
    }
    var problem = RequestHeadRules.check(request);
    if (problem != null) {
      throw new MalformedException(problem);
    }
    if (hasBody && !request.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      request.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
  }

  private static void setUpgrade(HttpRequest request, String protocol) {
    var headers = request.headers();
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.UPGRADE, protocol);
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    if (protocol.equalsIgnoreCase("websocket")) {
      var key = new byte[WEBSOCKET_KEY_BYTES];
      RANDOM.nextBytes(key);
      headers.set(WEBSOCKET_KEY, Base64.getEncoder().encodeToString(key));
    }
  }

  private static String required(Http2Headers headers, AsciiString name) throws MalformedException {
    var value = single(headers, name);
    if (value == null || value.isEmpty()) {
      throw new MalformedException("no " + name);
    }
    return value;
  }

  private static @Nullable String single(Http2Headers headers, AsciiString name)
      throws MalformedException {
    var values = headers.valueIterator(name);
    if (!values.hasNext()) {
      return null;
    }
    var value = values.next();
    if (values.hasNext()) {
      throw new MalformedException("more than one " + name);
    }
    return value.toString();
  }
}
