// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Asks an HTTP server one question, as a stranger would: no redirects, no cookies, little patience.
 */
final class HttpProbe {

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int MAX_BODY_BYTES = 64 * 1024;

  /** Why there was no answer. */
  enum Trouble {
    UNKNOWN_HOST,
    REFUSED,
    TIMEOUT,
    TLS,
    BROKEN
  }

  /** An answer, or why there was none. */
  sealed interface Result {}

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
  }

  record Silence(Trouble trouble, String message) implements Result {}

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  Result get(URI uri, Map<String, String> headers) {
    var request = HttpRequest.newBuilder(uri).timeout(ANSWER).GET();
    headers.forEach(request::setHeader);
    try {
      var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      return answer(response);
    } catch (HttpConnectTimeoutException e) {
      return new Silence(Trouble.TIMEOUT, "no connection within " + CONNECT.toSeconds() + " s");
    } catch (HttpTimeoutException e) {
      return new Silence(Trouble.TIMEOUT, "no answer within " + ANSWER.toSeconds() + " s");
    } catch (SSLException e) {
      return new Silence(Trouble.TLS, message(e));
    } catch (ConnectException e) {
      return e.getCause() instanceof UnresolvedAddressException
              || rootOf(e) instanceof UnresolvedAddressException
          ? new Silence(Trouble.UNKNOWN_HOST, "the name " + uri.getHost() + " does not resolve")
          : new Silence(Trouble.REFUSED, "connection refused");
    } catch (IOException e) {
      return new Silence(Trouble.BROKEN, message(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Silence(Trouble.BROKEN, "interrupted");
    }
  }

  private static Answer answer(HttpResponse<InputStream> response) throws IOException {
    try (var body = response.body()) {
      var text = new String(body.readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
      var headers = new HashMap<String, String>();
      response
          .headers()
          .map()
          .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
      return new Answer(response.statusCode(), Map.copyOf(headers), text);
    }
  }

  private static String message(Throwable failure) {
    var root = rootOf(failure);
    var message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }

  private static Throwable rootOf(Throwable failure) {
    var root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }
}
