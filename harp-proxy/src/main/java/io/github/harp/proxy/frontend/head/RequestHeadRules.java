// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.frontend.head;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What a request head must satisfy beyond its grammar: one Host, one way to tell where the body
 * ends (RFC 9112, sections 3.2 and 6).
 */
public final class RequestHeadRules {

  /** Each takes more memory than its characters; HAProxy stops at 101. */
  public static final int MAX_HEADERS = 128;

  private static final int MAX_LENGTH_DIGITS = 18;
  private static final AsciiString DRAFT_KEY1 = AsciiString.cached("sec-websocket-key1");
  private static final AsciiString DRAFT_KEY2 = AsciiString.cached("sec-websocket-key2");

  private RequestHeadRules() {}

  /** Null when all is well. */
  public static @Nullable MalformedRequest check(HttpRequest request) {
    var headers = request.headers();
    if (headers.size() > MAX_HEADERS) {
      return tooManyHeaders();
    }
    var host = checkHost(request.protocolVersion(), headers);
    if (host != null) {
      return host;
    }
    boolean hasLength = headers.contains(HttpHeaderNames.CONTENT_LENGTH);
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return hasLength
          ? new MalformedRequest("both Content-Length and Transfer-Encoding")
          : checkCoding(request);
    }
    return hasLength ? checkLength(headers) : checkNoHiddenBody(headers);
  }

  public static MalformedRequest tooManyHeaders() {
    return new MalformedRequest(431, "more than " + MAX_HEADERS + " headers");
  }

  private static @Nullable MalformedRequest checkCoding(HttpRequest request) {
    var codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    return codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0))
            && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)
        ? null
        : new MalformedRequest("a Transfer-Encoding other than one 'chunked' in HTTP/1.1");
  }

  private static @Nullable MalformedRequest checkLength(HttpHeaders headers) {
    var lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
    return lengths.size() == 1 && isLength(lengths.get(0))
        ? null
        : new MalformedRequest("a Content-Length that is not one number");
  }

  /** The codec takes a request of the WebSocket draft 76 for one with a body of 8 bytes. */
  private static @Nullable MalformedRequest checkNoHiddenBody(HttpHeaders headers) {
    return headers.contains(DRAFT_KEY1) || headers.contains(DRAFT_KEY2)
        ? new MalformedRequest("a WebSocket handshake of draft 76")
        : null;
  }

  private static @Nullable MalformedRequest checkHost(HttpVersion version, HttpHeaders headers) {
    var hosts = headers.valueStringIterator(HttpHeaderNames.HOST);
    if (!hosts.hasNext()) {
      return version.equals(HttpVersion.HTTP_1_0) ? null : new MalformedRequest("no Host");
    }
    var host = hosts.next();
    if (hosts.hasNext()) {
      return new MalformedRequest("more than one Host");
    }
    return isAuthority(host) ? null : new MalformedRequest("a Host that is not one");
  }

  /** A name or address with an optional port; may be empty. */
  public static boolean isAuthority(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c >= 0x7f || "/?#@,\\\"<>^`{|}".indexOf(c) >= 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLength(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH_DIGITS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }
}
