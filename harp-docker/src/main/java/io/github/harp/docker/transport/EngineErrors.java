// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.transport;

import static io.github.harp.core.HarpException.Code.FAILED;
import static io.github.harp.core.HarpException.Code.REFUSED;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.exception.DockerException;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Excerpt;
import java.util.Optional;

/** What went wrong at an engine, in the engine's own words. */
public final class EngineErrors {

  private static final int MAX_CHARACTERS = 500;

  private EngineErrors() {}

  /** {@code REFUSED} for a status that was not expected. */
  public static HarpException refused(String what, int status, String body) {
    return new HarpException(REFUSED, answered(what, status, body));
  }

  /** An answer of the engine that means {@code code} here. */
  public static HarpException saidNo(HarpException.Code code, String what, DockerException e) {
    return new HarpException(code, answered(what, e.getHttpStatus(), bodyOf(e)), e);
  }

  private static String answered(String what, int status, String body) {
    return what + ": the engine answered " + status + ": " + engineMessage(body);
  }

  /** What any failure of a call means. */
  public static HarpException translate(String what, Throwable failure) {
    return find(failure, HarpException.class)
        .or(() -> find(failure, DockerException.class).map(e -> saidNo(REFUSED, what, e)))
        .or(() -> find(failure, JsonProcessingException.class).map(e -> notUnderstood(what, e)))
        .orElseGet(
            () ->
                new HarpException(
                    FAILED, what + ": " + shown(HarpException.reasonOf(failure)), failure));
  }

  private static HarpException notUnderstood(String what, JsonProcessingException cause) {
    return new HarpException(
        FAILED,
        what
            + ": the engine's answer is not the JSON that the Docker API describes: "
            + shown(String.valueOf(cause.getOriginalMessage())),
        cause);
  }

  private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    return Optional.empty();
  }

  /** docker-java puts {@code Status 404: } before the body. */
  private static String bodyOf(DockerException e) {
    return String.valueOf(e.getMessage()).replaceFirst("^Status \\d+: ", "");
  }

  /** Docker and Podman both answer {@code {"message": "…"}}. */
  private static String engineMessage(String body) {
    try {
      JsonNode message = EngineJson.MAPPER.readTree(body).path("message");
      return shown(message.isTextual() ? message.textValue() : body);
    } catch (JsonProcessingException e) {
      return shown(body);
    }
  }

  /** One line of it, for messages. */
  public static String shown(String text) {
    var shown = Excerpt.ofLines(text, MAX_CHARACTERS);
    return shown.isEmpty() || shown.equals("null") ? "no reason given" : shown;
  }
}
