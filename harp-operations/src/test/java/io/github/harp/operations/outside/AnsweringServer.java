// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A web server on loopback that gives prepared answers and remembers what it was asked. */
public final class AnsweringServer implements AutoCloseable {

  static final Outside OUTSIDE = Outside.start();

  record Prepared(int status, String body, Map<String, String> headers) {}

  private final HttpServer server;
  private final Map<String, Prepared> answers = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private volatile Consumer<String> onRequest = path -> {};

  public AnsweringServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  /** Asks it, and whoever else answers on loopback. */
  public static HttpProbe probe() {
    return new HttpProbe(OUTSIDE, TrustedAuthorities.ofSystem());
  }

  public AnsweringServer on(String path, int status, String body) {
    return on(path, status, body, Map.of());
  }

  public AnsweringServer on(String path, int status, String body, Map<String, String> headers) {
    answers.put(path, new Prepared(status, body, headers));
    return this;
  }

  public AnsweringServer whenAsked(Consumer<String> listener) {
    onRequest = listener;
    return this;
  }

  /** The values of {@code harp-shared-key} that arrived. */
  List<String> keys() {
    return keys;
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    var key = exchange.getRequestHeaders().getFirst("harp-shared-key");
    if (key != null) {
      keys.add(key);
    }
    onRequest.accept(path);
    var prepared = answers.getOrDefault(path, new Prepared(404, "not here", Map.of()));
    prepared.headers().forEach(exchange.getResponseHeaders()::set);
    var body = prepared.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(prepared.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
