// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.launcher.gateway.RunningNodes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.AccessLevel;
import io.github.harp.core.AppId;
import io.github.harp.core.ExApp;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.Secret;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.route.ExAppRoute;
import io.github.harp.core.route.RouteTable;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.launcher.demo.AppApiDouble;
import io.github.harp.tunnel.TunnelClient;
import io.github.harp.tunnel.client.TunnelClientOptions;
import io.github.harp.tunnel.client.TunnelProxy;
import io.github.harp.tunnel.client.TunnelTarget;
import io.vertx.core.http.RequestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** The first and acme have an ExApp of the same id on the same port. */
@DisplayName("Two nodes that serve two Nextclouds")
class NextcloudsOfNodesTest {

  private static final String ACMES_KEY = "the key of acme, which nobody else has";
  private static final int PORT = 23_000;
  private static final Map<String, String> BROWSER =
      Map.of("x-forwarded-for", "203.0.113.7", "sec-fetch-mode", "navigate");

  @TempDir private Path folder;
  private final List<TunnelClient> clients = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private RunningNodes nodes;
  private Gateway a;
  private Gateway b;

  @BeforeEach
  void start() throws Exception {
    nodes = new RunningNodes(folder);
    var first = serving(RunningNodes.KEY);
    var acme = serving(ACMES_KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + first);
    environment.put("HP_FRP_DISABLE_TLS", "true");
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    environment.put("HP_INSTANCES_FILE", folder.resolve("instances.toml").toString());
    write("acme", acme, ACMES_KEY);
    a = nodes.start("a", environment);
    b = nodes.start("b", environment);
  }

  private void write(String name, int nextcloud, String key) throws Exception {
    Files.writeString(
        folder.resolve("instances.toml"),
        """
        hosts = ["first.example"]
        [[instance]]
        name = "%s"
        url = "http://127.0.0.1:%d"
        key = "%s"
        hosts = ["%1$s.example"]
        """
            .formatted(name, nextcloud, key));
  }

  private int serving(String key) throws Exception {
    var exApp =
        new ExApp(
            new AppId("notes"),
            "1.0.0",
            new ExAppAddress("127.0.0.1", PORT),
            Secret.of("s"),
            RouteTable.of(List.of(new ExAppRoute(".*", AccessLevel.PUBLIC, Set.of()))));
    return get(nodes
            .vertx()
            .createHttpServer()
            .requestHandler(new AppApiDouble(key).exApp(exApp))
            .listen(0, "127.0.0.1"))
        .actualPort();
  }

  @AfterEach
  void stop() throws Exception {
    clients.forEach(TunnelClient::close);
    nodes.close();
  }

  private void dialIn(Gateway at, String key, String says) throws Exception {
    var service =
        get(nodes
                .vertx()
                .createHttpServer()
                .requestHandler(request -> request.response().end(says))
                .listen(0, "127.0.0.1"))
            .actualPort();
    var client =
        TunnelClient.start(
            TunnelClientOptions.to("127.0.0.1", at.tunnelAddress().getPort())
                .metas(Map.of("token", key))
                .proxies(TunnelProxy.of("notes", PORT, new TunnelTarget.Tcp("127.0.0.1", service)))
                .build());
    clients.add(client);
    await().until(() -> client.status().isHealthy());
  }

  private String ask(Gateway at, String host, Map<String, String> headers) throws Exception {
    return ask(at, host, "/exapps/notes/", headers);
  }

  private String ask(Gateway at, String host, String path, Map<String, String> headers)
      throws Exception {
    var client = nodes.vertx().createHttpClient();
    var port = at.addresses().get(0).getPort();
    return get(
        client
            .request(TwoNextclouds.asking(new RequestOptions(), port, host, path, headers))
            .compose(
                request ->
                    request
                        .send()
                        .compose(it -> it.body().map(body -> it.statusCode() + " " + body)))
            .eventually(client::close));
  }

  @Test
  void reachTheTunnelsOfEachAtEveryNode() throws Exception {
    dialIn(a, RunningNodes.KEY, "first");
    dialIn(b, ACMES_KEY, "acme");

    for (var node : List.of(a, b)) {
      await().until(() -> ask(node, "first.example", Map.of()).equals("200 first"));
      await().until(() -> ask(node, "acme.example", Map.of()).equals("200 acme"));
    }
    assertThat(nodes.ask(a, "/why?url=http://acme.example/exapps/notes/"))
        .contains("ROUTE_ALLOWED");
  }

  @Test
  void banAtEveryNodeWhoIsBannedByOneAndForgetItTogether() throws Exception {
    for (var i = 0; i < Bans.COUNT; i++) {
      ask(a, "acme.example", "/exapps/nothing/", BROWSER);
    }

    await().until(() -> ask(b, "acme.example", "/exapps/nothing/", BROWSER).startsWith("429"));
    assertThat(ask(b, "first.example", "/exapps/nothing/", BROWSER)).startsWith("404");
    nodes.clearBans(b);
    await().until(() -> ask(a, "acme.example", "/exapps/nothing/", BROWSER).startsWith("404"));
  }

  @Test
  void goOnWhenOneOfThemServesOthers() throws Exception {
    dialIn(b, ACMES_KEY, "acme");
    await().until(() -> ask(a, "acme.example", Map.of()).equals("200 acme"));

    var before = Files.readString(folder.resolve("instances.toml"));
    write("beta", 9, "the key of beta, which nobody else has");
    reload(b);

    await()
        .untilAsserted(
            () ->
                assertThat(nodes.ask(a, "/doctor"))
                    .contains("node b: other Nextclouds: acme is not served there")
                    .contains("beta is served there"));
    assertThat(ask(b, "acme.example", Map.of())).startsWith("421");
    await().until(() -> ask(a, "acme.example", Map.of()).startsWith("503"));

    Files.writeString(folder.resolve("instances.toml"), before);
    reload(b);
    await().until(() -> ask(a, "acme.example", Map.of()).equals("200 acme"));
    await().until(() -> !nodes.ask(a, "/status").contains("served there"));
  }

  private void reload(Gateway node) throws Exception {
    get(node.reload(Configuration.from(nodes.environment("b", environment), folder)));
  }
}
