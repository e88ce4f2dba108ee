// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.service;

import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.launcher.gateway.Gateway;
import io.github.harp.launcher.gateway.TestSettings;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The file of Nextclouds, read again while the gateway serves. */
@DisplayName("SIGHUP")
class ReloadTest {

  private static final int PORT = 23_000;
  private static final String KEY_OF_TWO = "the-shared-key-of-two-0123456789";
  private static final String NEW_KEY = "another-shared-key-of-two-012345";
  private static final String KEY_OF_THREE = "the-shared-key-of-three-01234567";

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = vertx.createHttpClient();
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, Integer> nextclouds = new HashMap<>();
  private final List<TunnelClient> clients = new ArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Service.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private Service service;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    lines.start();
    logger.addAppender(lines);
    for (var key : List.of(KEY_OF_TWO, NEW_KEY, KEY_OF_THREE)) {
      nextclouds.put(key, serving(new AppApiDouble(key).exApp(exApp())));
    }
    environment.putAll(TestSettings.in(folder));
    environment.putAll(
        Map.of(
            "HP_SHARED_KEY", "the-shared-key-of-one-0123456789",
            "HP_FRP_DISABLE_TLS", "true",
            "HP_ADMIN_ADDRESS", "off",
            "HP_INSTANCES_FILE", folder.resolve("instances.toml").toString()));
    write(instance("two", KEY_OF_TWO, "two.example"));
    service = new Service(() -> Configuration.from(environment, folder));
    gateway =
        resultOf(
            vertx
                .executeBlocking(() -> new Gateway(service.configuration(), vertx), false)
                .compose(Gateway::start));
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    clients.forEach(TunnelClient::close);
    resultOf(gateway.stop(Duration.ZERO));
    resultOf(vertx.close());
  }

  @Test
  void oneThatIsAddedIsServedAndTheOthersNoticeNothing() throws Exception {
    dialIn(KEY_OF_TWO, "two");
    var open = stream("two.example");

    reload(
        instance("two", KEY_OF_TWO, "two.example"),
        instance("three", KEY_OF_THREE, "three.example"));
    dialIn(KEY_OF_THREE, "three");

    assertThat(answer("three.example")).isEqualTo("200 three");
    assertThat(answer("two.example")).isEqualTo("200 two");
    assertThat(open.future().isComplete()).isFalse();
  }

  @Test
  void oneThatIsRemovedLosesItsTunnelsAndStreams() throws Exception {
    var client = dialIn(KEY_OF_TWO, "two");
    var open = stream("two.example");

    reload();

    await().atMost(Duration.ofMinutes(1)).until(() -> open.future().isComplete());
    await().atMost(Duration.ofMinutes(1)).until(() -> !client.status().isHealthy());
    assertThat(answer("two.example")).as("of the first, whose Nextcloud is away").startsWith("503");
    assertThat(order(KEY_OF_TWO)).isEqualTo(401);
  }

  @Test
  void anotherKeyIsInUse() throws Exception {
    dialIn(KEY_OF_TWO, "with the old key");

    reload(instance("two", NEW_KEY, "two.example"));
    dialIn(NEW_KEY, "with the new key");

    assertThat(answer("two.example")).isEqualTo("200 with the new key");
    assertThat(order(NEW_KEY)).isEqualTo(200);
    assertThat(order(KEY_OF_TWO)).isEqualTo(401);
  }

  @Test
  void otherHostsAreInUseAndNothingEnds() throws Exception {
    var client = dialIn(KEY_OF_TWO, "two");
    var open = stream("two.example");

    reload(instance("two", KEY_OF_TWO, "other.example"));

    assertThat(answer("other.example")).isEqualTo("200 two");
    assertThat(answer("two.example")).startsWith("503");
    assertThat(open.future().isComplete()).isFalse();
    assertThat(client.status().isHealthy()).isTrue();
  }

  @Test
  void aBrokenFileChangesNothingAndSaysWhere() throws Exception {
    dialIn(KEY_OF_TWO, "two");

    reload(
        instance("three", KEY_OF_THREE, "three.example"),
        instance("two", KEY_OF_TWO, "https://two.example"));

    assertThat(answer("two.example")).isEqualTo("200 two");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(it -> it.contains("nothing is changed"))
        .anyMatch(
            it ->
                it.startsWith(
                    "HP_INSTANCES_FILE line 6 instance 2 hosts: found 'https://two.example'"))
        .noneMatch(it -> it.contains(KEY_OF_TWO));
  }

  private void reload(String... instances) throws Exception {
    write(instances);
    resultOf(service.reload(gateway));
  }

  private void write(String... instances) throws Exception {
    Files.writeString(folder.resolve("instances.toml"), String.join("", instances));
  }

  private String instance(String name, String key, String host) {
    return """
    [[instance]]
    name = "%s"
    url = "http://127.0.0.1:%d"
    key = "%s"
    hosts = ["%s"]
    """
        .formatted(name, nextclouds.get(key), key, host);
  }

  private static ExApp exApp() {
    return new ExApp(
        new AppId("notes"),
        "1.0.0",
        new ExAppAddress("127.0.0.1", PORT),
        Secret.of("secret"),
        RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of()))));
  }

  private int serving(Handler<HttpServerRequest> handler) {
    return resultOf(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"))
        .actualPort();
  }

  /** An ExApp that says whose it is, and has a stream without end. */
  private TunnelClient dialIn(String key, String whose) {
    var exApp =
        serving(
            request -> {
              if (request.path().equals("/stream")) {
                request.response().setChunked(true).write("begins");
              } else {
                request.response().end(whose);
              }
            });
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", gateway.tunnelAddress().getPort())
                .metas(Map.of("token", key))
                .proxies(TunnelProxy.of("notes", PORT, new TunnelTarget.Tcp("127.0.0.1", exApp)))
                .build());
    clients.add(client);
    await().atMost(Duration.ofMinutes(1)).until(() -> client.status().isHealthy());
    return client;
  }

  /** Complete when it ends. */
  private Promise<Void> stream(String host) {
    Promise<Void> ended = Promise.promise();
    var status =
        ask(host, "/exapps/notes/stream", Map.of())
            .map(
                answer -> {
                  answer.exceptionHandler(failure -> ended.tryComplete());
                  answer.endHandler(end -> ended.tryComplete());
                  return answer.statusCode();
                });
    assertThat(resultOf(status)).isEqualTo(200);
    return ended;
  }

  private String answer(String host) {
    return resultOf(
        ask(host, "/exapps/notes/whose", Map.of())
            .compose(it -> it.body().map(body -> it.statusCode() + " " + body)));
  }

  private int order(String key) {
    var shown = Map.of("harp-shared-key", key);
    return resultOf(
        ask("harp.internal", "/exapps/app_api/info", shown).map(HttpClientResponse::statusCode));
  }

  private Future<HttpClientResponse> ask(String host, String path, Map<String, String> headers) {
    var request =
        new RequestOptions()
            .setServer(
                SocketAddress.inetSocketAddress(gateway.addresses().get(0).getPort(), "127.0.0.1"))
            .setHost(host)
            .setPort(80)
            .setURI(path);
    headers.forEach(request::putHeader);
    return http.request(request).compose(HttpClientRequest::send);
  }
}
