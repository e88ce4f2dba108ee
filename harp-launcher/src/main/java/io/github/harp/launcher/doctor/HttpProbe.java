// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Asks an HTTP server one question, as the gateway does: the same certificate authorities, no proxy
 * of the environment, no cookies; and no redirects, little patience. Blocks.
 */
final class HttpProbe {

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

  private final SSLSocketFactory tls;

  /**
   * @param trusted whose certificates are believed
   */
  HttpProbe(X509TrustManager trusted) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {trusted}, null);
      this.tls = context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the runtime has no TLS", e);
    }
  }

  Result get(String url, Map<String, String> headers) {
    HttpURLConnection connection;
    try {
      connection = open(url);
    } catch (IOException | IllegalArgumentException e) {
      return new Silence(
          Trouble.NO_URL, "expected a URL that begins with http:// or https://, found another");
    }
    headers.forEach(connection::setRequestProperty);
    try {
      return answer(connection);
    } catch (UnknownHostException e) {
      return new Silence(
          Trouble.UNKNOWN_HOST, "the name " + connection.getURL().getHost() + " does not resolve");
    } catch (SocketTimeoutException e) {
      return new Silence(Trouble.TIMEOUT, "no answer within " + ANSWER.toSeconds() + " s");
    } catch (SSLException e) {
      return new Silence(Trouble.TLS, message(e));
    } catch (NoRouteToHostException e) {
      return new Silence(Trouble.TIMEOUT, "no route to it");
    } catch (ConnectException e) {
      return new Silence(Trouble.REFUSED, "connection refused");
    } catch (IOException e) {
      return new Silence(Trouble.BROKEN, message(e));
    } finally {
      connection.disconnect();
    }
  }

  private HttpURLConnection open(String url) throws IOException {
    var connection = URI.create(url.strip()).toURL().openConnection(Proxy.NO_PROXY);
    if (!(connection instanceof HttpURLConnection http)) {
      throw new IOException("neither http nor https");
    }
    if (http instanceof HttpsURLConnection https) {
      https.setSSLSocketFactory(tls);
    }
    http.setConnectTimeout((int) CONNECT.toMillis());
    http.setReadTimeout((int) ANSWER.toMillis());
    http.setInstanceFollowRedirects(false);
    http.setUseCaches(false);
    return http;
  }

  private static Answer answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    if (status < 0) {
      throw new IOException("the answer is not HTTP");
    }
    var headers = new HashMap<String, String>();
    connection
        .getHeaderFields()
        .forEach(
            (name, values) -> {
              if (name != null && !values.isEmpty()) {
                headers.put(name.toLowerCase(Locale.ROOT), values.get(values.size() - 1));
              }
            });
    try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(status, Map.copyOf(headers), text(body));
    }
  }

  private static String text(InputStream body) throws IOException {
    return body == null ? "" : new String(body.readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
  }

  private static String message(Throwable failure) {
    var root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    var message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
