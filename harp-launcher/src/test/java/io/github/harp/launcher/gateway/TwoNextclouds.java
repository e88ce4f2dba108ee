// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A gateway, and two Nextclouds that it serves: both have an ExApp of the same id on the same port,
 * on one engine and in one cluster. All that is asked of what is around the gateway is kept.
 */
final class TwoNextclouds implements AutoCloseable {

  static final int PORT = 23_000;
  static final String ENGINE = "24000";

  /** One of them, and how what is its own is called. */
  enum Cloud {
    ONE("nc_app_"),
    TWO("nc_two_app_");

    final String containers;

    Cloud(String containers) {
      this.containers = containers;
    }

    String key() {
      return "the-shared-key-of-" + this + "-0123456789";
    }

    String host() {
      return this + ".example";
    }

    /** What AppAPI and its ExApp show each other. */
    String secret() {
      return "secret-of-" + this;
    }

    /** The session of its administrator, who has the same name at the other one. */
    String cookie() {
      return "nc_session=admin-of-" + this + "; oc_sessionPassphrase=x";
    }

    Cloud other() {
      return this == ONE ? TWO : ONE;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the engine says of itself: each has a container there that sees a folder of the host. */
  private static final Map<String, String> TOLD =
      Map.of(
          "/version", "{\"Version\": \"28.0.0\", \"ApiVersion\": \"1.44\"}",
          "/info", "{}",
          "/networks", "[{\"Id\": \"n\", \"Name\": \"bridge\"}]",
          "/containers/json",
              "[{\"Id\": \"1\", \"Names\": [\"/nc_app_notes\"]},"
                  + " {\"Id\": \"2\", \"Names\": [\"/nc_two_app_notes\"]}]",
          "/containers/1/json", "{\"Mounts\": [{\"Source\": \"/srv/models\"}]}",
          "/containers/2/json", "{\"Mounts\": [{\"Source\": \"/srv/models\"}]}");

  final Vertx vertx = Vertx.vertx();

  /** What the engine was asked, with bodies. */
  final List<String> atEngine = new CopyOnWriteArrayList<>();

  /** The same of the API server of the cluster. */
  final List<String> atCluster = new CopyOnWriteArrayList<>();

  /** The same of each Nextcloud. */
  final Map<Cloud, List<String>> atNextcloud = new ConcurrentHashMap<>();

  /** What came to the ExApp of each: headers. */
  final Map<Cloud, List<String>> atExApp = new ConcurrentHashMap<>();

  private final Map<String, String> environment = new HashMap<>();
  private final Map<Cloud, Integer> nextcloudPorts = new EnumMap<>(Cloud.class);
  private final Map<Cloud, List<TunnelClient>> clients = new ConcurrentHashMap<>();
  private final Gateway gateway;

  /** What came back. */
  record Answer(int status, String body) {}

  TwoNextclouds(Path folder) throws Exception {
    for (var cloud : Cloud.values()) {
      atNextcloud.put(cloud, new CopyOnWriteArrayList<>());
      atExApp.put(cloud, new CopyOnWriteArrayList<>());
      nextcloudPorts.put(cloud, serving(nextcloud(cloud)));
    }
    var engine = ENGINE + "=tcp://127.0.0.1:" + serving(this::answerAsEngine);
    environment.putAll(TestSettings.in(folder));
    environment.putAll(
        Map.of(
            "HP_SHARED_KEY", Cloud.ONE.key(),
            "NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloudPort(Cloud.ONE),
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_PUBLIC", "true",
            "HP_DOCKER_ENGINES", engine,
            "HP_ALLOWED_MOUNTS", "/srv",
            "HP_TRUSTED_PROXY_IPS", "127.0.0.1",
            "HP_K8S_ENABLED", "true",
            "HP_K8S_API_SERVER", "http://127.0.0.1:" + serving(this::answerAsCluster),
            "HP_K8S_BEARER_TOKEN", "token"));
    var more =
        "engines = \"%s,24001=unix:///nowhere/docker.sock\"\nnamespace = \"nextcloud-exapps\"";
    environment.put(
        "HP_INSTANCES_FILE",
        TestSettings.withTwo(
            folder, nextcloudPort(Cloud.TWO), Cloud.TWO.key(), more.formatted(engine)));
    gateway = get(TestSettings.start(environment, folder, vertx));
  }

  Gateway gateway() {
    return gateway;
  }

  /** Where one of them is, which is in what its administrators see. */
  int nextcloudPort(Cloud cloud) {
    return nextcloudPorts.get(cloud);
  }

  private Handler<HttpServerRequest> nextcloud(Cloud cloud) {
    var appApi =
        new AppApiDouble(cloud.key())
            .exApp(exApp(cloud.secret()))
            .session(cloud.cookie().replaceFirst(";.*", ""), new NcUser("root", AccessLevel.ADMIN));
    return request -> {
      atNextcloud.get(cloud).add(request.uri());
      appApi.handle(request);
    };
  }

  /** With a route for each level, which is called as it is. */
  private static ExApp exApp(String secret) {
    return new ExApp(
        new AppId("notes"),
        "1.0.0",
        new ExAppAddress("127.0.0.1", PORT),
        Secret.of(secret),
        RouteTable.of(
            List.of(AccessLevel.values()).stream()
                .map(level -> new ExAppRoute(".*" + path(level), level, Set.of()))
                .toList()));
  }

  static String path(AccessLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  int serving(Handler<HttpServerRequest> handler) throws Exception {
    return get(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** An engine on which everything can be created, and nothing is there but for who lists it. */
  private void answerAsEngine(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              atEngine.add(request.method() + " " + request.uri() + " " + body);
              var path = request.path().replaceFirst("^/v[0-9.]+/", "/");
              var told = request.method().equals(HttpMethod.GET) ? TOLD.get(path) : null;
              if (told != null) {
                answer(request, 200, told);
                return;
              }
              var created = request.method().equals(HttpMethod.POST);
              answer(
                  request,
                  created ? 201 : 404,
                  created ? "{\"Id\": \"0123\", \"Name\": \"x\"}" : "{\"message\": \"none\"}");
            });
  }

  /** A cluster in which everything can be created, and nothing is found. */
  private void answerAsCluster(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              atCluster.add(request.method() + " " + request.uri() + " " + body);
              if (request.method().equals(HttpMethod.POST)) {
                answer(request, 201, body.toString());
              } else if (request.method().equals(HttpMethod.GET)
                  && request.path().matches("/apis?/.*/(services|deployments|pods)")) {
                answer(request, 200, new JsonObject().put("items", new JsonArray()).encode());
              } else {
                answer(
                    request,
                    404,
                    "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\","
                        + " \"reason\": \"NotFound\", \"message\": \"none\", \"code\": 404}");
              }
            });
  }

  private static void answer(HttpServerRequest request, int status, String body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .end(body);
  }

  /** What is known from before is over. */
  void forget() {
    atEngine.clear();
    atCluster.clear();
    atNextcloud.values().forEach(List::clear);
    atExApp.values().forEach(List::clear);
  }

  /** As the ExApp of one of them, which says whose it is. */
  void dialIn(Cloud cloud) throws Exception {
    dialIn(cloud, cloud.key(), PORT);
  }

  /**
   * As the ExApp or engine of one of them, which says whose it is.
   *
   * @param token what it shows
   */
  TunnelClient dialIn(Cloud cloud, String token, int port) throws Exception {
    var service =
        get(vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      atExApp.get(cloud).add(request.uri() + " " + request.headers());
                      request.response().end(cloud.toString());
                    })
                .webSocketHandler(
                    socket -> {
                      atExApp.get(cloud).add(socket.uri() + " " + socket.headers());
                      socket.writeTextMessage(cloud.toString());
                    })
                .listen(0, "127.0.0.1"))
            .actualPort();
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", token))
                .proxies(
                    TunnelProxy.of(
                        port == PORT ? "notes" : "engine",
                        port,
                        new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.computeIfAbsent(cloud, it -> new ArrayList<>()).add(client);
    await().atMost(Duration.ofMinutes(1)).until(() -> client.status().isHealthy());
    return client;
  }

  /** All tunnels end. */
  void hangUp() {
    for (var cloud : Cloud.values()) {
      hangUp(cloud);
    }
  }

  /** Those of one of them end. */
  void hangUp(Cloud cloud) {
    var ended = clients.remove(cloud);
    if (ended != null) {
      ended.forEach(TunnelClient::close);
    }
  }

  // ---- what is asked

  int port() {
    return gateway.addresses().get(0).getPort();
  }

  Answer ask(String host, String path, Map<String, String> headers) throws Exception {
    return send(new HttpClientOptions(), host, HttpMethod.GET, path, headers, "");
  }

  /** As AppAPI of one of them gives an order, or makes a call to the engine. */
  Answer order(Cloud cloud, String method, String path, String body) throws Exception {
    return order(cloud.key(), "harp.internal", Map.of(), method, path, body);
  }

  Answer order(
      String key, String host, Map<String, String> more, String method, String path, String body)
      throws Exception {
    var headers = new HashMap<>(more);
    headers.put("harp-shared-key", key);
    if (!path.startsWith("/exapp_storage/")) {
      headers.put("docker-engine-port", ENGINE);
    }
    return send(
        new HttpClientOptions(),
        host,
        HttpMethod.valueOf(method),
        "/exapps/app_api" + path,
        headers,
        body);
  }

  Answer admin(String method, String path, Map<String, String> headers) throws Exception {
    return admin(new HttpClientOptions(), method, path, headers);
  }

  Answer admin(HttpClientOptions options, String method, String path, Map<String, String> headers)
      throws Exception {
    return sendTo(
        gateway.adminPort(), options, "127.0.0.1", HttpMethod.valueOf(method), path, headers, "");
  }

  /** What the operator sees. */
  JsonObject status() throws Exception {
    return new JsonObject(admin("GET", "/status", Map.of("harp-shared-key", Cloud.ONE.key())).body);
  }

  Answer send(
      HttpClientOptions options,
      String host,
      HttpMethod method,
      String path,
      Map<String, String> headers,
      String body)
      throws Exception {
    return sendTo(port(), options, host, method, path, headers, body);
  }

  /** To the gateway, whatever host is asked for. */
  private Answer sendTo(
      int port,
      HttpClientOptions options,
      String host,
      HttpMethod method,
      String path,
      Map<String, String> headers,
      String body)
      throws Exception {
    var client = vertx.createHttpClient(options);
    var request = asking(new RequestOptions(), port, host, path, headers).setMethod(method);
    return get(
        client
            .request(request)
            .compose(it -> it.send(Buffer.buffer(body)).compose(TwoNextclouds::read))
            .eventually(client::close));
  }

  /** Begun with its head, on the event loop: later the body may be over, and never come. */
  private static Future<Answer> read(HttpClientResponse response) {
    return response.body().map(text -> new Answer(response.statusCode(), text.toString()));
  }

  static <T extends RequestOptions> T asking(
      T request, int port, String host, String path, Map<String, String> headers) {
    request
        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
        .setHost(host.replaceFirst(":.*", ""))
        .setPort(host.contains(":") ? Integer.parseInt(host.replaceFirst(".*:", "")) : 80)
        .setURI(path);
    headers.forEach(request::putHeader);
    return request;
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    hangUp();
    get(gateway.stop(Duration.ZERO));
    get(vertx.close());
  }
}
