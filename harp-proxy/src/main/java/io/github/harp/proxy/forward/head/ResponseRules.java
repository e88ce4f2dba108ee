// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward.head;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** What an upstream's answer must satisfy to be forwarded, and where it ends. */
public final class ResponseRules {

  /** Each takes more memory than its characters. */
  public static final int MAX_HEADERS = 256;

  private ResponseRules() {}

  /** What is wrong; null when nothing is. */
  public static @Nullable String check(HttpResponse response) {
    if (response.decoderResult().isFailure()) {
      return "malformed or cut head (" + response.decoderResult().cause().getMessage() + ")";
    }
    if (response.headers().size() > MAX_HEADERS) {
      return response.headers().size() + " headers: expected " + MAX_HEADERS + " at most";
    }
    var version = response.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      return "protocol version " + version + ": expected HTTP/1.0 or HTTP/1.1";
    }
    int status = response.status().code();
    if (status < 100 || status > 999) {
      return "status " + status + ": expected three digits";
    }
    if (holdsControlCharacter(response.status().reasonPhrase())) {
      return "a control character behind the status";
    }
    var codings = response.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()
        && (codings.size() > 1
            || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0)))) {
      return "transfer codings " + codings.size() + ": expected one 'chunked' or none";
    }
    return null;
  }

  private static boolean holdsControlCharacter(String reason) {
    for (int i = 0; i < reason.length(); i++) {
      char c = reason.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f) {
        return true;
      }
    }
    return false;
  }

  /** Whether an answer ends before its connection does. */
  public static boolean isSelfDelimiting(HttpResponse response, HttpRequest request) {
    return response.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
        || response.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
        || hasNoBody(response, request);
  }

  /** Whether no byte of a body may follow, whatever the head says. */
  public static boolean hasNoBody(HttpResponse response, HttpRequest request) {
    int status = response.status().code();
    return status == 204 || status == 304 || request.method().equals(HttpMethod.HEAD);
  }

  /** Whether it may go on for as long as both sides like. */
  public static boolean isEventStream(HttpResponse response) {
    var type = response.headers().get(HttpHeaderNames.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, "text/event-stream", 0, 17);
  }
}
