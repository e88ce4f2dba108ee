// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.nextcloud;

import io.github.harp.core.HarpException;
import io.github.harp.core.HarpException.Code;
import io.github.harp.core.notice.Excerpt;
import io.github.harp.proxy.json.JsonDocument;
import io.github.harp.proxy.json.JsonFields;
import io.github.harp.proxy.question.Answer;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The whole answer to one call.
 *
 * @param call what was asked, for messages
 * @param setting that gives Nextcloud's URL, for messages
 * @param contentType its content type; empty without one
 * @param location where it redirects to; empty without
 */
record NextcloudAnswer(
    String call, String setting, int status, String contentType, String location, Buffer body) {

  private static final int SHOWN = 200;
  private static final Pattern JSON =
      Pattern.compile("application/(?:[\\w.+-]+\\+)?json\\s*(?:;.*)?", Pattern.CASE_INSENSITIVE);

  static NextcloudAnswer of(String call, String setting, Answer answer) {
    return new NextcloudAnswer(
        call,
        setting,
        answer.status(),
        answer.header("content-type"),
        answer.header("location"),
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
              + (contentType.isEmpty()
                  ? "no content type"
                  : "'" + Excerpt.of(contentType, SHOWN) + "'"));
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

  /**
   * What Nextcloud or AppAPI says in its own words where the answer is no: a JSON object with a
   * message. Empty when somebody else has answered: a firewall, a proxy, a page of another kind.
   */
  Optional<String> message() {
    if (!JSON.matcher(contentType).matches()) {
      return Optional.empty();
    }
    try {
      return JsonDocument.object(body, "answer").optionalString("message");
    } catch (HarpException notAMessage) {
      return Optional.empty();
    }
  }

  /**
   * Whether AppAPI says that the key is wrong; of an ExApp that it does not know it says so, too.
   */
  boolean isAboutKey() {
    return message().filter(text -> text.toLowerCase(Locale.ROOT).contains("key")).isPresent();
  }

  /** An exception about a status that is no answer to the question. */
  HarpException unexpectedStatus() {
    var isBusy = status == 429 || status == 503;
    return new HarpException(
        isBusy ? Code.BUSY : Code.REFUSED,
        call
            + ": expected 200, found "
            + status
            + " with "
            + (contentType.isEmpty() ? "no content type" : Excerpt.of(contentType, SHOWN))
            + (isRedirect() ? redirection() : hint()));
  }

  private String hint() {
    if (isAboutKey()) {
      return ": the shared key here is not the HaRP password of the ExApp's deploy daemon in"
          + " Nextcloud, or Nextcloud does not know the ExApp";
    }
    return switch (status) {
      case 400 ->
          ": is the host of " + setting + " in 'trusted_domains' of Nextcloud's config.php?";
      case 401, 403, 407, 451 ->
          ": a firewall or proxy in front of Nextcloud? Expected AppAPI to answer";
      case 404, 405, 410 ->
          ": is AppAPI enabled in Nextcloud, and "
              + setting
              + " its base URL? Expected AppAPI to answer";
      case 429, 503 -> ": too many requests, or maintenance mode";
      default -> "";
    };
  }

  private String redirection() {
    return ", a redirect to '"
        + Excerpt.of(location.replaceFirst("[?#].*", ""), SHOWN)
        + "' that is not followed: expected the final address in "
        + setting;
  }
}
