// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli;

import io.github.harp.launcher.admin.Identity;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.ListenAddress;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/**
 * The gateway that runs with this configuration, asked through its admin end-point. It gets to see
 * the key only when it has proved to be the one.
 */
final class RunningGateway {

  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofSeconds(10);

  /** The doctor asks many things one after another, each with a deadline of its own. */
  private static final Duration ANSWER = Duration.ofMinutes(3);

  private final ListenAddress admin;
  private final Identity identity;
  private final String key;
  private final HttpClient client =
      HttpClient.newBuilder()
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(CONNECT)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  /**
   * @param admin where its admin end-point is to be
   */
  RunningGateway(ListenAddress admin, Configuration configuration) {
    this.admin = admin.seenFromHere();
    this.identity = new Identity(configuration.sharedKey());
    this.key = configuration.sharedKey().reveal();
  }

  /** Who answers where the gateway should. */
  sealed interface Presence {

    /** The gateway itself. */
    record Ours(boolean ready) implements Presence {}

    /** Somebody else: another program, or a gateway with another key. */
    record Stranger(String what) implements Presence {}

    /** Nobody, or somebody who does not speak. */
    record Nobody(String why) implements Presence {}
  }

  Presence look() throws InterruptedException {
    var nonce = Identity.newNonce();
    var request = request("/ready").GET().header(Identity.NONCE, nonce).timeout(LOOK).build();
    HttpResponse<String> answer;
    try {
      answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (HttpTimeoutException e) {
      return new Presence.Nobody("no answer within " + LOOK.toSeconds() + " s");
    } catch (ConnectException e) {
      return new Presence.Nobody("nobody listens there");
    } catch (IOException e) {
      return new Presence.Stranger("another program, which does not speak HTTP");
    }
    var proof = answer.headers().firstValue(Identity.PROOF).orElse("");
    if (identity.isProved(nonce, proof)) {
      return new Presence.Ours(answer.statusCode() == 200);
    }
    return new Presence.Stranger(
        answer.headers().firstValue("server").orElse("").startsWith("HaRP")
            ? "a HaRP with another key"
            : "another program, which answers " + answer.statusCode());
  }

  JsonObject get(String pathAndQuery) throws IOException, InterruptedException {
    return ask(request(pathAndQuery).GET());
  }

  JsonObject delete(String path) throws IOException, InterruptedException {
    return ask(request(path).DELETE());
  }

  private JsonObject ask(HttpRequest.Builder request) throws IOException, InterruptedException {
    var presence = look();
    if (presence instanceof Presence.Stranger stranger) {
      throw new IOException(
          "HP_ADMIN_ADDRESS "
              + admin
              + ": found "
              + stranger.what()
              + "; expected the gateway that runs with the variables set here");
    }
    if (presence instanceof Presence.Nobody nobody) {
      throw new IOException(
          "HP_ADMIN_ADDRESS "
              + admin
              + ": "
              + nobody.why()
              + "; expected a gateway that runs with the variables set here");
    }
    var answer =
        client.send(
            request.header("harp-shared-key", key).timeout(ANSWER).build(),
            HttpResponse.BodyHandlers.ofString());
    try {
      return new JsonObject(answer.body());
    } catch (DecodeException e) {
      throw new IOException(
          "HP_ADMIN_ADDRESS "
              + admin
              + ": found an answer "
              + answer.statusCode()
              + " that is no JSON; look for an error in the gateway's log",
          e);
    }
  }

  private HttpRequest.Builder request(String pathAndQuery) {
    return HttpRequest.newBuilder(URI.create("http://" + admin + pathAndQuery));
  }
}
