// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.exchange;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/**
 * An answer that HaRP gives itself: a plain text for a decision, a short HTML page for what went
 * wrong on the way.
 *
 * @param cacheable false sends {@code cache-control: no-cache}
 * @param retryAfterSeconds sent as {@code retry-after}; 0 sends none
 */
public record OwnAnswer(
    int status, String contentType, String body, boolean cacheable, int retryAfterSeconds) {

  /** What a refused client sees: the status and nothing that tells more. */
  public static OwnAnswer text(int status) {
    var line = status + " " + HttpResponseStatus.valueOf(status).reasonPhrase();
    return new OwnAnswer(status, "text/plain", status == 503 ? line + " (HaRP)" : line, true, 0);
  }

  /** With a sentence about why. */
  public static OwnAnswer text(int status, String sentence) {
    return new OwnAnswer(status, "text/plain", sentence + "\n", false, 0);
  }

  /** The same with a hint when to ask again. */
  public OwnAnswer retryAfter(int seconds) {
    return new OwnAnswer(status, contentType, body, cacheable, seconds);
  }

  /** What somebody with a browser sees who is banned, and may not know why. */
  public static OwnAnswer banned(int seconds) {
    var text =
        "429 Too Many Requests: too many requests from your address have failed. It is let in again"
            + " in "
            + (seconds < 120 ? seconds + " seconds." : (seconds + 59) / 60 + " minutes.");
    return new OwnAnswer(429, "text/plain", text, false, seconds);
  }

  /** A page about a request that was allowed and failed, or that could not be read. */
  public static OwnAnswer page(int status) {
    var title = status + " " + HttpResponseStatus.valueOf(status).reasonPhrase();
    var page = "<html><body><h1>" + title + "</h1>\n" + explanation(status) + "\n</body></html>\n";
    return new OwnAnswer(status, "text/html", page, false, 0);
  }

  /** With all but the length. */
  HttpResponse head() {
    var response = head(status);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    if (!cacheable) {
      response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
    }
    if (retryAfterSeconds > 0) {
      response.headers().setInt(HttpHeaderNames.RETRY_AFTER, retryAfterSeconds);
    }
    return response;
  }

  public static HttpResponse head(int status) {
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
  }

  private static String explanation(int status) {
    return switch (status) {
      case 400 -> "The request could not be understood.";
      case 403 -> "Request forbidden by administrative rules.";
      case 408 -> "The request was not completed in time.";
      case 413 -> "The request body is too large.";
      case 414 -> "The request target is too long.";
      case 431 -> "The request headers are too large.";
      case 501 -> "The protocol is not supported here.";
      case 502 -> "The application gave an invalid or incomplete response.";
      case 503 -> "No server is available to handle this request.";
      case 504 -> "The application did not respond in time.";
      default -> "The request failed.";
    };
  }
}
