// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.NcUser;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a collector gets over OTLP, read as a collector reads it. */
@DisplayName("Traces")
class TracesTest {

  private static final String KEY = "a key that is only used in this test";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";

  private final Vertx vertx = Vertx.vertx();
  private final AppApiDouble nextcloud = new AppApiDouble(KEY);
  private final List<ExportTraceServiceRequest> told = new CopyOnWriteArrayList<>();
  private final List<String> toldTo = new CopyOnWriteArrayList<>();

  /** What those got in {@code traceparent} who were asked, by their paths. */
  private final Map<String, String> passedOn = new ConcurrentHashMap<>();

  private final Map<String, String> environment = new HashMap<>();
  @TempDir private Path folder;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    var exApp = serving(request -> request.response().end("hello"));
    nextcloud
        .exApp(exApp(exApp))
        .session("nc_session=alice", new NcUser("alice", AccessLevel.USER));
    var collector =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request
                        .body()
                        .onSuccess(
                            body -> {
                              toldTo.add(request.path() + " " + request.getHeader("x-collector"));
                              told.add(read(body.getBytes()));
                              request.response().end();
                            }));
    environment.putAll(
        Map.of(
            "HP_SHARED_KEY", KEY,
            "NC_INSTANCE_URL", "http://127.0.0.1:" + serving(nextcloud),
            "HP_EXAPPS_ADDRESS", "127.0.0.1:0",
            "HP_FRP_ADDRESS", "127.0.0.1:0",
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_ADDRESS", "off",
            "HP_DOCKER_ENGINES", "",
            "HP_CERTS_DIR", folder.toString(),
            "OTEL_EXPORTER_OTLP_HEADERS", "x-collector=ours",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
                "http://127.0.0.1:" + get(collector.listen(0, "127.0.0.1")).actualPort()));
    environment.put("OTEL_BSP_SCHEDULE_DELAY", "50");
  }

  private static ExApp exApp(int port) {
    var routes = List.of(new ExAppRoute("^/user", AccessLevel.USER, Set.of()));
    var address = new ExAppAddress("127.0.0.1", port);
    return new ExApp(new AppId("notes"), "1.0.0", address, Secret.of("s"), RouteTable.of(routes));
  }

  private void begin() throws Exception {
    gateway = get(new Gateway(Configuration.from(environment, folder), vertx).start());
  }

  @AfterEach
  void stop() throws Exception {
    get(gateway.stop(Duration.ZERO));
    get(vertx.close());
  }

  @Test
  void eachStepOfARequestIsToldOnce() throws Exception {
    begin();
    var id = ask("/exapps/notes/user?secret=1").headers().firstValue("x-request-id").orElseThrow();

    var spans = spans(6);

    var whole = spans.get("GET");
    assertThat(whole.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(whole.getParentSpanId()).isEmpty();
    assertThat(attributes(whole))
        .containsEntry("url.path", "/exapps/notes/user")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("harp.request_id", id)
        .containsEntry("harp.reason", "ROUTE_ALLOWED")
        .containsEntry("harp.exapp", "notes");
    assertThat(told.toString()).doesNotContain("secret", "alice", KEY);
    assertThat(spans.get("nextcloud exapp-meta").getParentSpanId())
        .isEqualTo(spans.get("decision").getSpanId());
    for (var step : List.of("decision", "nextcloud user-info", "connect", "upstream")) {
      assertThat(spans.get(step).getParentSpanId()).as(step).isEqualTo(whole.getSpanId());
    }
    assertThat(spans.values()).extracting(Span::getTraceId).containsOnly(whole.getTraceId());
    assertThat(passedOn.get("/user")).startsWith(traceparent(spans.get("upstream")));
    assertThat(passedOn.get("/index.php/apps/app_api/harp/user-info"))
        .startsWith(traceparent(spans.get("nextcloud user-info")));
    assertThat(passedOn.get("/index.php/apps/app_api/harp/exapp-meta"))
        .startsWith(traceparent(spans.get("nextcloud exapp-meta")));
    assertThat(toldTo).containsOnly("/v1/traces ours");
    assertThat(attributes(told.get(0).getResourceSpans(0).getResource().getAttributesList()))
        .containsEntry("service.name", "harp");
  }

  @Test
  void aTraceOfATrustedProxyGoesOnAndOneOfAStrangerDoesNot() throws Exception {
    begin();
    ask("/exapps/notes/user", "traceparent", PARENT, "tracestate", "x=y");
    var ofStranger = spans(6).get("GET");

    get(gateway.stop(Duration.ZERO));
    told.clear();
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    begin();
    ask("/exapps/notes/user", "traceparent", PARENT);
    var ofProxy = spans(6).get("GET");

    assertThat(hex(ofStranger.getTraceId().toByteArray())).isNotEqualTo(TRACE);
    assertThat(hex(ofProxy.getTraceId().toByteArray())).isEqualTo(TRACE);
    assertThat(hex(ofProxy.getParentSpanId().toByteArray())).isEqualTo("b7ad6b7169203331");
  }

  @Test
  void ordersAndCallsToEnginesHaveTheirOwn() throws Exception {
    var engine = serving(request -> request.response().end("OK"));
    environment.put("HP_DOCKER_ENGINES", "24000=tcp://127.0.0.1:" + engine);
    begin();

    ask("/exapps/app_api/info", "harp-shared-key", KEY);
    ask("/exapps/app_api/_ping", "harp-shared-key", KEY, "docker-engine-port", "24000");

    await().until(() -> names().containsAll(Set.of("order", "engine")));
    var call = all().stream().filter(it -> it.getName().equals("engine")).findFirst();
    assertThat(passedOn.get("/_ping")).startsWith(traceparent(call.orElseThrow()));
  }

  @Test
  void anOrderHasASpanForEachCallThatItTakes() throws Exception {
    var engine =
        serving(request -> request.response().setStatusCode(404).end("{\"message\": \"none\"}"));
    environment.put("HP_DOCKER_ENGINES", "24000=tcp://127.0.0.1:" + engine);
    begin();

    order("docker", "exists", 200);

    var spans = spans(4);
    var call = spans.get("engine call");
    assertThat(call.getParentSpanId()).isEqualTo(spans.get("order").getSpanId());
    assertThat(call.getTraceId()).isEqualTo(spans.get("POST").getTraceId());
    assertThat(attributes(call))
        .containsEntry("harp.place", "engine 24000")
        .containsEntry("http.request.method", "GET")
        .containsEntry("url.path", "/containers/nc_app_notes/json")
        .containsEntry("http.response.status_code", "404");
    assertThat(passedOn.get("/containers/nc_app_notes/json")).startsWith(traceparent(call));
  }

  @Test
  void callsToAClusterHaveThemToo() throws Exception {
    var api = serving(request -> request.response().setStatusCode(404).end("{}"));
    environment.putAll(cluster("http://127.0.0.1:" + api));
    begin();

    order("k8s", "exists", 200);

    var spans = spans(4);
    var call = spans.get("cluster call");
    assertThat(call.getParentSpanId()).isEqualTo(spans.get("order").getSpanId());
    assertThat(attributes(call))
        .containsEntry("harp.place", "cluster")
        .containsEntry("http.response.status_code", "404");
    assertThat(passedOn.get(attributes(call).get("url.path"))).startsWith(traceparent(call));
  }

  @Test
  void aCallThatFailsSaysSo() throws Exception {
    environment.put("HP_DOCKER_ENGINES", "24000=tcp://127.0.0.1:9");
    begin();

    order("docker", "exists", 503);

    assertThat(spans(3).get("engine call").getStatus().getMessage()).isEqualTo("UNREACHABLE");
  }

  private static Map<String, String> cluster(String api) {
    return Map.of(
        "HP_K8S_ENABLED", "true", "HP_K8S_API_SERVER", api, "HP_K8S_BEARER_TOKEN", "token");
  }

  private void order(String place, String what, int status) throws Exception {
    var door = "http://127.0.0.1:" + gateway.addresses().get(0).getPort();
    var request =
        HttpRequest.newBuilder(URI.create(door + "/exapps/app_api/" + place + "/exapp/" + what))
            .header("harp-shared-key", KEY)
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\": \"notes\"}"));
    if (place.equals("docker")) {
      request.header("docker-engine-port", "24000");
    }
    var answer =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
  }

  @Test
  void soHasTheWayThroughATunnel() throws Exception {
    begin();
    var port = 23_000;
    nextcloud.exApp(exApp(port));
    var target = new TunnelTarget.Tcp("127.0.0.1", serving(it -> it.response().end("hello")));
    try (var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", KEY))
                .proxies(TunnelProxy.of("notes", port, target))
                .build())) {
      await().until(() -> client.status().isHealthy());

      assertThat(ask("/exapps/notes/user").body()).isEqualTo("hello");

      var spans = spans(6);
      assertThat(spans.get("tunnel").getParentSpanId()).isEqualTo(spans.get("GET").getSpanId());
      assertThat(attributes(spans.get("GET"))).containsEntry("harp.upstream", "tunnel:23000");
    }
  }

  @Test
  void whatWentWrongIsAnError() throws Exception {
    begin();
    ask("/exapps/app_api/info");
    ask("/exapps/nobody/x");

    await().until(() -> all().stream().filter(it -> it.getName().equals("GET")).count() == 2);
    assertThat(all().stream().filter(it -> it.getName().equals("GET")))
        .extracting(it -> attributes(it).get("harp.reason"))
        .containsExactlyInAnyOrder("WRONG_KEY_FOR_ORDER", "UNKNOWN_EXAPP");
  }

  @Test
  void withoutItsVariablesHeadersPassAsTheyAre() throws Exception {
    environment.keySet().removeIf(it -> it.startsWith("OTEL_"));
    begin();

    ask("/exapps/notes/user", "traceparent", PARENT);

    assertThat(passedOn.get("/user")).isEqualTo(PARENT);
    assertThat(told).isEmpty();
  }

  @Test
  void withoutACollectorRequestsAreAnsweredAllTheSame() throws Exception {
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    begin();

    assertThat(ask("/exapps/notes/user").body()).isEqualTo("hello");
  }

  /** One that takes what it is told, and never answers. */
  @Test
  void aCollectorThatHangsDoesNotHoldUpTheStop() throws Exception {
    var hung = new CountDownLatch(1);
    var collector = vertx.createHttpServer().requestHandler(request -> hung.countDown());
    environment.put(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://127.0.0.1:" + get(collector.listen(0, "127.0.0.1")).actualPort());
    begin();
    ask("/exapps/notes/user");
    assertThat(hung.await(60, TimeUnit.SECONDS)).isTrue();
    ask("/exapps/notes/user");

    gateway.stop(Duration.ZERO).toCompletionStage().toCompletableFuture().get(8, TimeUnit.SECONDS);
  }

  @Test
  void whatCannotBeMeantLeavesTheGatewayWithoutTraces() throws Exception {
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense");
    begin();

    assertThat(ask("/exapps/notes/user").body()).isEqualTo("hello");
    assertThat(told).isEmpty();
  }

  // ---- what is told

  private static ExportTraceServiceRequest read(byte[] body) {
    try {
      return ExportTraceServiceRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private List<Span> all() {
    return told.stream()
        .flatMap(it -> it.getResourceSpansList().stream())
        .flatMap(it -> it.getScopeSpansList().stream())
        .flatMap(it -> it.getSpansList().stream())
        .toList();
  }

  private Set<String> names() {
    return all().stream().map(Span::getName).collect(Collectors.toSet());
  }

  /** By name, when there are so many. */
  private Map<String, Span> spans(int number) {
    await().until(() -> all().size() >= number);
    return all().stream().collect(Collectors.toMap(Span::getName, it -> it));
  }

  private static Map<String, String> attributes(Span span) {
    return attributes(span.getAttributesList());
  }

  private static Map<String, String> attributes(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(Collectors.toMap(it -> it.getKey(), it -> it.getValue().getStringValue()));
  }

  /** But for its flags. */
  private static String traceparent(Span span) {
    return "00-"
        + hex(span.getTraceId().toByteArray())
        + "-"
        + hex(span.getSpanId().toByteArray())
        + "-";
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private int serving(Handler<HttpServerRequest> handler) throws Exception {
    return get(vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  passedOn.put(request.path(), String.valueOf(request.getHeader("traceparent")));
                  handler.handle(request);
                })
            .listen(0, "127.0.0.1"))
        .actualPort();
  }

  private HttpResponse<String> ask(String path, String... headers) throws Exception {
    var door = "http://127.0.0.1:" + gateway.addresses().get(0).getPort();
    var request =
        HttpRequest.newBuilder(URI.create(door + path))
            .header("cookie", "oc_sessionPassphrase=x; nc_session=alice");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
