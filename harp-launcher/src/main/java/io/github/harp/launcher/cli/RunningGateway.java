// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.config.Configuration;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** The gateway that runs with this configuration, asked through its admin end-point. */
final class RunningGateway {

  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** The doctor asks many things one after another, each with a deadline of its own. */
  private static final Duration ANSWER = Duration.ofMinutes(3);

  private final Configuration configuration;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  RunningGateway(Configuration configuration) {
    this.configuration = configuration;
  }

  /** The answer to GET; empty when no gateway runs here or it has no admin end-point. */
  Optional<JsonObject> get(String pathAndQuery) throws IOException, InterruptedException {
    return ask("GET", pathAndQuery);
  }

  Optional<JsonObject> delete(String path) throws IOException, InterruptedException {
    return ask("DELETE", path);
  }

  private Optional<JsonObject> ask(String method, String pathAndQuery)
      throws IOException, InterruptedException {
    var admin = configuration.listeners().admin();
    if (admin.isEmpty()) {
      return Optional.empty();
    }
    var request =
        HttpRequest.newBuilder(URI.create("http://" + admin.get().seenFromHere() + pathAndQuery))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("harp-shared-key", configuration.sharedKey().reveal())
            .timeout(ANSWER)
            .build();
    HttpResponse<String> answer;
    try {
      answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException nobodyThere) {
      return Optional.empty();
    }
    if (answer.statusCode() == 401) {
      throw new IOException(
          "the gateway at "
              + admin.get()
              + " runs with another key; expected the one in HP_SHARED_KEY here");
    }
    try {
      return Optional.of(new JsonObject(answer.body()));
    } catch (DecodeException e) {
      throw new IOException(
          admin.get() + " answers " + answer.statusCode() + " and is no HaRP; see HP_ADMIN_ADDRESS",
          e);
    }
  }
}
