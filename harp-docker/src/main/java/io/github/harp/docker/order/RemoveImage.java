// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.order;

import static io.github.harp.core.HarpException.Code.BAD_REQUEST;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.ImageRemoval;
import io.github.harp.docker.transport.Engine;
import io.github.harp.docker.transport.EngineErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Removes an image that nothing uses. Contract 5.14. Not with docker-java's commands: they drop the
 * engine's list of what was deleted, and the reference as one path segment needs an escape of ours.
 */
public final class RemoveImage {

  private static final Pattern REFERENCE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:/@+-]{0,511}");
  private static final ImageRemoval NOT_FOUND = new ImageRemoval(true, 0, "not_found");

  private final Engine engine;
  private final String reference;

  public RemoveImage(Engine engine, String reference) {
    if (!REFERENCE.matcher(reference).matches() || ("/" + reference + "/").contains("/../")) {
      throw new HarpException(
          BAD_REQUEST,
          "image_ref of "
              + reference.length()
              + " characters: expected a name like registry/app:1.0");
    }
    this.engine = engine;
    this.reference = reference;
  }

  public ImageRemoval run() {
    var found = call(Method.GET, "/json");
    if (found.status() == 404) {
      return NOT_FOUND;
    }
    var removed = call(Method.DELETE, "");
    return switch (removed.status()) {
      case 200 -> new ImageRemoval(true, holdsDeleted(removed) ? sizeOf(found) : 0, null);
      case 404 -> NOT_FOUND;
      case 409 -> new ImageRemoval(false, 0, "in_use");
      default ->
          throw EngineErrors.refused(
              engine + ", removal of image " + reference, removed.status(), removed.body());
    };
  }

  private record Answer(int status, String body) {}

  private Answer call(Method method, String suffix) {
    var path = "/images/" + URLEncoder.encode(reference, StandardCharsets.UTF_8) + suffix;
    var request = Request.builder().method(method).path(path).build();
    try (var response = engine.execute(request)) {
      var body = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(response.getStatusCode(), body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Zero where the engine did not say: freed space is for show. */
  private long sizeOf(Answer found) {
    try {
      return found.status() == 200 ? json(found).path("Size").asLong(0) : 0;
    } catch (JsonProcessingException e) {
      return 0;
    }
  }

  /** An image with another tag is only untagged: nothing is freed. */
  private boolean holdsDeleted(Answer removed) {
    try {
      for (var entry : json(removed)) {
        if (entry.has("Deleted")) {
          return true;
        }
      }
      return false;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private JsonNode json(Answer answer) throws JsonProcessingException {
    return engine.json().readTree(answer.body());
  }
}
