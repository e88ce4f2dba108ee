// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import io.github.harp.core.HarpException;
import io.github.harp.proxy.question.Question;
import io.github.harp.proxy.question.QuestionClient;
import io.github.harp.proxy.question.QuestionLimits;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.TrustOptions;
import java.net.ConnectException;
import java.net.MalformedURLException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * Asks an HTTP server one question, as the gateway does: the same names and certificate
 * authorities, no proxy of the environment, no cookies; and no redirects, little patience.
 */
public final class HttpProbe {

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int MAX_BODY_BYTES = 64 * 1024;

  /** Why there was no answer. */
  enum Trouble {
    NO_URL,
    UNKNOWN_HOST,
    REFUSED,
    TIMEOUT,
    TLS,
    BROKEN
  }

  /** An answer, or why there was none. */
  sealed interface Result {

    /** One of these, for each. */
    <T> T fold(Function<Answer, T> answer, Function<Silence, T> silence);

    /** Empty when there was none. */
    default Optional<Answer> answer() {
      return fold(Optional::of, silence -> Optional.empty());
    }
  }

  /**
   * An answer.
   *
   * @param body its first 64 KiB
   */
  record Answer(int status, Map<String, String> headers, String body) implements Result {

    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }

    boolean isRedirect() {
      return status >= 300 && status < 400 && headers.containsKey("location");
    }

    @Override
    public <T> T fold(Function<Answer, T> answer, Function<Silence, T> silence) {
      return answer.apply(this);
    }
  }

  record Silence(Trouble trouble, String message) implements Result {

    @Override
    public <T> T fold(Function<Answer, T> answer, Function<Silence, T> silence) {
      return silence.apply(this);
    }
  }

  /** What may be asked of one server at once. */
  static final int MAX_AT_ONCE = 16;

  private static final QuestionLimits LIMITS =
      new QuestionLimits(
          CONNECT,
          ANSWER,
          MAX_AT_ONCE,
          MAX_AT_ONCE,
          MAX_BODY_BYTES,
          QuestionLimits.LongAnswers.CUT);

  private final QuestionClient client;

  /**
   * @param trusted whose certificates are believed
   */
  public HttpProbe(Outside outside, TrustOptions trusted) {
    this.client = outside.client(LIMITS, trusted);
  }

  Result get(String url, Map<String, String> headers) {
    return Outside.answerOf(ask(url, headers));
  }

  /** The same without waiting; never fails. */
  Future<Result> ask(String url, Map<String, String> headers) {
    Question question;
    try {
      question = question(URI.create(url.strip()).toURL(), headers);
    } catch (MalformedURLException | IllegalArgumentException e) {
      return Future.succeededFuture(
          new Silence(
              Trouble.NO_URL,
              "expected a URL that begins with http:// or https://, found another"));
    }
    return client.ask(question).map(HttpProbe::answer).otherwise(HttpProbe::silence);
  }

  private static Question question(URL url, Map<String, String> headers) {
    var https = url.getProtocol().equals("https");
    if (!https && !url.getProtocol().equals("http") || url.getHost().isEmpty()) {
      throw new IllegalArgumentException("neither http nor https");
    }
    var lines = MultiMap.caseInsensitiveMultiMap().add("user-agent", "HaRP").add("accept", "*/*");
    return new Question(
        HttpMethod.GET,
        https,
        url.getHost().replaceAll("[\\[\\]]", ""),
        url.getPort() < 0 ? url.getDefaultPort() : url.getPort(),
        url.getFile().startsWith("/") ? url.getFile() : "/" + url.getFile(),
        lines.addAll(headers));
  }

  private static Result answer(io.github.harp.proxy.question.Answer answer) {
    var headers = new HashMap<String, String>();
    answer.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
    return new Answer(
        answer.status(), Map.copyOf(headers), answer.body().toString(StandardCharsets.UTF_8));
  }

  private static Result silence(Throwable failure) {
    if (failure instanceof HarpException unresolved) {
      return new Silence(Trouble.UNKNOWN_HOST, unresolved.getMessage());
    } else if (failure instanceof TimeoutException || failure instanceof ConnectTimeoutException) {
      return new Silence(Trouble.TIMEOUT, "no answer within " + ANSWER.toSeconds() + " s");
    } else if (failure instanceof SSLException) {
      return new Silence(Trouble.TLS, rootReason(failure));
    } else if (failure instanceof NoRouteToHostException) {
      return new Silence(Trouble.TIMEOUT, "no route to it");
    } else if (failure instanceof ConnectException) {
      return new Silence(Trouble.REFUSED, "connection refused");
    }
    return new Silence(Trouble.BROKEN, rootReason(failure));
  }

  private static String rootReason(Throwable failure) {
    return HarpException.reasonOf(HarpException.rootOf(failure));
  }
}
