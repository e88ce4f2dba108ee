// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.proxy.json.JsonDocument;
import io.github.harp.proxy.json.JsonFields;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.client.HttpResponse;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The whole answer to one call.
 *
 * @param call what was asked, for messages
 * @param contentType its content type; empty without one
 * @param location where it redirects to; empty without
 */
record NextcloudAnswer(String call, int status, String contentType, String location, Buffer body) {

  private static final Pattern JSON =
      Pattern.compile("application/(?:[\\w.+-]+\\+)?json\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);

  static NextcloudAnswer of(String call, HttpResponse<Buffer> answer) {
    return new NextcloudAnswer(
        call,
        answer.statusCode(),
        Objects.requireNonNullElse(answer.getHeader("content-type"), ""),
        Objects.requireNonNullElse(answer.getHeader("location"), ""),
        answer.body());
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  boolean isRedirect() {
    return status >= 300 && status < 400 && status != 304;
  }

  /** The object in a successful answer. */
  JsonFields json() {
    if (!JSON.matcher(contentType).matches()) {
      throw new HarpException(
          Code.FAILED,
          call
              + ": expected application/json, found "
              + (contentType.isEmpty() ? "no content type" : "'" + printable(contentType) + "'"));
    }
    try {
      return JsonDocument.object(body, "answer");
    } catch (HarpException garbage) {
      throw malformed(garbage);
    }
  }

  /** An exception about an answer that is JSON and not what it should be. */
  HarpException malformed(HarpException violation) {
    return new HarpException(Code.FAILED, call + ": " + violation.getMessage(), violation);
  }

  /** An exception about a status that is no answer to the question. */
  HarpException unexpectedStatus() {
    return switch (status) {
      case 429, 503 ->
          new HarpException(
              Code.BUSY,
              call
                  + ": expected 200, found "
                  + status
                  + " (too many requests, or maintenance mode)");
      default ->
          new HarpException(Code.REFUSED, call + ": expected 200, found " + status + redirection());
    };
  }

  private String redirection() {
    return isRedirect()
        ? ", a redirect to '"
            + printable(location.replaceFirst("[?#].*", ""))
            + "' that is not followed: expected the final address in NC_INSTANCE_URL"
        : "";
  }

  private static String printable(String text) {
    var shown = text.replaceAll("[^ -~]", "?");
    return shown.length() > 200 ? shown.substring(0, 200) + "…" : shown;
  }
}
