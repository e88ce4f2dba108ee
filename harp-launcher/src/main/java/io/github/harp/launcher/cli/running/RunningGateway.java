// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.cli.running;

import io.github.harp.core.HarpException;
import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.appapi.AppApiHeaders;
import io.github.harp.launcher.Shell;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.config.environment.ConfigurationException;
import io.github.harp.operations.admin.Identity;
import io.github.harp.operations.outside.Outside;
import io.github.harp.proxy.question.Answer;
import io.github.harp.proxy.question.Question;
import io.github.harp.proxy.question.QuestionClient;
import io.github.harp.proxy.question.QuestionLimits;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gateway that runs with this configuration, asked through its admin end-point. It gets to see
 * the key only when it has proved to be the one.
 */
final class RunningGateway {

  private static final Duration LOOK = Duration.ofSeconds(10);

  /** The doctor asks many things one after another, each with a deadline of its own. */
  private static final Duration ANSWER = Duration.ofMinutes(3);

  private static final QuestionLimits LIMITS =
      new QuestionLimits(
          Duration.ofSeconds(3), ANSWER, 1, 1, 16 << 20, QuestionLimits.LongAnswers.FAIL);

  private final ListenAddress admin;
  private final Identity identity;
  private final String key;
  private final QuestionClient client;

  /**
   * @param admin where its admin end-point is to be
   */
  RunningGateway(ListenAddress admin, Configuration configuration, Outside outside) {
    this.admin = admin.seenFromHere();
    this.identity = new Identity(configuration.first().key());
    this.key = configuration.first().key().reveal();
    this.client = outside.client(LIMITS, null);
  }

  /** Something to be asked. */
  interface Errand {
    JsonObject at(RunningGateway gateway) throws IOException, InterruptedException;
  }

  /** Asks the gateway of this environment, which has to be there. */
  static JsonObject ask(Shell shell, Errand errand)
      throws ConfigurationException, IOException, InterruptedException {
    var configuration = Configuration.from(shell.environment(), Path.of("/"));
    var admin = configuration.listeners().admin();
    if (admin.isEmpty()) {
      throw new IOException(
          "HP_ADMIN_ADDRESS: found 'off'; expected an address, since the gateway is asked through"
              + " it");
    }
    try (var outside = Outside.start()) {
      return errand.at(new RunningGateway(admin.get(), configuration, outside));
    }
  }

  /** Who answers where the gateway should. */
  sealed interface Presence {

    /** One of these, for each. */
    <T> T fold(Function<Ours, T> ours, Function<Stranger, T> stranger, Function<Nobody, T> nobody);

    /** The gateway itself. */
    record Ours(boolean ready) implements Presence {
      @Override
      public <T> T fold(
          Function<Ours, T> ours, Function<Stranger, T> stranger, Function<Nobody, T> nobody) {
        return ours.apply(this);
      }
    }

    /** Somebody else: another program, or a gateway with another key. */
    record Stranger(String what) implements Presence {
      @Override
      public <T> T fold(
          Function<Ours, T> ours, Function<Stranger, T> stranger, Function<Nobody, T> nobody) {
        return stranger.apply(this);
      }
    }

    /** Nobody, or somebody who does not speak. */
    record Nobody(String why) implements Presence {
      @Override
      public <T> T fold(
          Function<Ours, T> ours, Function<Stranger, T> stranger, Function<Nobody, T> nobody) {
        return nobody.apply(this);
      }
    }
  }

  Presence look() throws InterruptedException {
    var nonce = Identity.newNonce();
    Answer answer;
    try {
      answer = ask(HttpMethod.GET, "/ready", Map.of(Identity.NONCE, nonce), LOOK);
    } catch (ExecutionException e) {
      return absent(e.getCause());
    }
    if (identity.isProved(nonce, answer.header(Identity.PROOF))) {
      return new Presence.Ours(answer.status() == 200);
    }
    return new Presence.Stranger(
        answer.header("server").startsWith("HaRP")
            ? "a HaRP with another key"
            : "another program, which answers " + answer.status());
  }

  private static Presence absent(@Nullable Throwable failure) {
    if (failure instanceof TimeoutException || failure instanceof ConnectTimeoutException) {
      return new Presence.Nobody("no answer within " + LOOK.toSeconds() + " s");
    } else if (failure instanceof HarpException unresolved) {
      return new Presence.Nobody(unresolved.getMessage());
    } else if (failure instanceof ConnectException) {
      return new Presence.Nobody("nobody listens there");
    }
    return new Presence.Stranger("another program, which does not speak HTTP");
  }

  JsonObject get(String pathAndQuery) throws IOException, InterruptedException {
    return ask(HttpMethod.GET, pathAndQuery);
  }

  JsonObject delete(String path) throws IOException, InterruptedException {
    return ask(HttpMethod.DELETE, path);
  }

  private JsonObject ask(HttpMethod method, String pathAndQuery)
      throws IOException, InterruptedException {
    Optional<String> found =
        look()
            .fold(
                ours -> Optional.empty(),
                stranger -> Optional.of("found " + stranger.what() + "; expected the gateway"),
                nobody -> Optional.of(nobody.why() + "; expected a gateway"));
    if (found.isPresent()) {
      throw new IOException(
          "HP_ADMIN_ADDRESS "
              + admin
              + ": "
              + found.get()
              + " that runs with the variables set here");
    }
    Answer answer;
    try {
      answer =
          ask(method, pathAndQuery, Map.of(AppApiHeaders.HARP_SHARED_KEY.toString(), key), ANSWER);
    } catch (ExecutionException e) {
      throw new IOException("HP_ADMIN_ADDRESS " + admin + ": " + message(e), e);
    }
    try {
      var json = answer.body().toJsonObject();
      if (answer.status() >= 400) {
        throw new IOException(json.getString("status", "answer " + answer.status()));
      }
      return json;
    } catch (DecodeException e) {
      throw new IOException(
          "HP_ADMIN_ADDRESS "
              + admin
              + ": found an answer "
              + answer.status()
              + " that is no JSON; look for an error in the gateway's log",
          e);
    }
  }

  private Answer ask(HttpMethod method, String uri, Map<String, String> headers, Duration total)
      throws ExecutionException, InterruptedException {
    var lines = MultiMap.caseInsensitiveMultiMap().addAll(headers);
    var question = new Question(method, false, admin.host(), admin.port(), uri, lines);
    return client.ask(question, total).toCompletionStage().toCompletableFuture().get();
  }

  private static String message(ExecutionException failure) {
    return "the answer broke off: "
        + (failure.getCause() == null ? failure : failure.getCause()).getMessage();
  }
}
