// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.contract;

import io.github.harp.core.route.ExAppRoute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What the contract's tests play on: HaRP as a process, between doubles of Nextcloud, an ExApp and
 * a container engine. One for all tests; each takes an ExApp and a client address of its own.
 */
final class Stage implements AutoCloseable {

  static final String KEY = "a shared key of forty characters or so..";
  static final int BAN_COUNT = 3;
  static final String ENGINE = "24007";

  final NextcloudDouble nextcloud = new NextcloudDouble(KEY);
  final RawServer exApp = new RawServer();
  final RawServer engine = new RawServer();
  final int port = HarpProcess.freePort();
  final HarpProcess harp;

  private static final AtomicInteger NEXT = new AtomicInteger();

  private Stage() {
    var environment = environment(nextcloud.port());
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + port);
    environment.put("HP_TRUSTED_PROXY_IPS", "127.0.0.1");
    environment.put("HP_BLACKLIST_COUNT", "" + BAN_COUNT);
    environment.put("HP_DOCKER_ENGINES", ENGINE + "=tcp://127.0.0.1:" + engine.port());
    harp = HarpProcess.start(environment).awaitListening(port);
  }

  /** Brings the stage into a test's constructor. */
  static final class OnStage implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Stage.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Stage.class))
          .getOrComputeIfAbsent(Stage.class, key -> new Stage(), Stage.class);
    }
  }

  /** The variables without which nothing starts; other listeners are on free ports. */
  static Map<String, String> environment(int nextcloudPort) {
    var environment = new HashMap<String, String>();
    environment.put("HP_SHARED_KEY", KEY);
    environment.put("NC_INSTANCE_URL", "http://127.0.0.1:" + nextcloudPort + "/index.php/");
    environment.put("HP_EXAPPS_ADDRESS", "127.0.0.1:" + HarpProcess.freePort());
    environment.put("HP_EXAPPS_HTTPS_ADDRESS", "127.0.0.1:" + HarpProcess.freePort());
    environment.put("HP_FRP_ADDRESS", "127.0.0.1:" + HarpProcess.freePort());
    environment.put("HP_ADMIN_ADDRESS", "127.0.0.1:" + HarpProcess.freePort());
    environment.put("HP_LOG_LEVEL", "info");
    return environment;
  }

  /** A new ExApp that Nextcloud knows, on the double's port. */
  String newExApp(ExAppRoute... routes) {
    var appId = "app" + NEXT.incrementAndGet();
    nextcloud.register(appId, exApp.port(), List.of(routes));
    return appId;
  }

  /** An id that Nextcloud does not know. */
  String unknownExApp() {
    return "unknown" + NEXT.incrementAndGet();
  }

  /** A client's address that nobody used before. */
  String newClient() {
    var number = NEXT.incrementAndGet();
    return "198.18." + number / 250 + "." + (number % 250 + 1);
  }

  Answer get(String target, String... headers) {
    return send("GET", target, headers);
  }

  /** A request on a connection of its own. */
  Answer send(String method, String target, String... headers) {
    try (var wire = new Wire(port)) {
      return wire.send(Wire.request(method, target, List.of(headers))).answer();
    }
  }

  /** A request with a body of known length, on a connection of its own. */
  Answer post(String target, String body, String... headers) {
    var lines = new ArrayList<>(List.of(headers));
    lines.add("Content-Length: " + body.length());
    try (var wire = new Wire(port)) {
      return wire.send(Wire.request("POST", target, lines) + body).answer();
    }
  }

  /** Whether a request is answered by nothing but the connection's end. */
  boolean isDropped(String target, String... headers) {
    try (var wire = new Wire(port)) {
      return wire.send(Wire.request("GET", target, List.of(headers))).endsSilently();
    }
  }

  /** An order of somebody who has the key. */
  Answer order(String method, String path, String body, String... headers) {
    var lines = new ArrayList<>(List.of(headers));
    lines.add("harp-shared-key: " + KEY);
    lines.add("Content-Length: " + body.length());
    try (var wire = new Wire(port)) {
      return wire.send(Wire.request(method, "/exapps/app_api" + path, lines) + body).answer();
    }
  }

  static String from(String client) {
    return "X-Forwarded-For: " + client;
  }

  /** The session of a user, with the cookie that tells that there is one. */
  static String session(String user) {
    return "Cookie: nc_session=" + user + "; oc_sessionPassphrase=p-of-" + user;
  }

  /** The six headers of a request that AppAPI vouches for. */
  String[] signed(String appId, String key) {
    return new String[] {
      "EX-APP-ID: " + appId,
      "EX-APP-VERSION: 9.9.9",
      "AUTHORIZATION-APP-API: dXNlcjpzZWNyZXQ=",
      "ex-app-host: 127.0.0.1",
      "ex-app-port: " + exApp.port(),
      "harp-shared-key: " + key
    };
  }

  @Override
  public void close() {
    harp.close();
    exApp.close();
    engine.close();
  }
}
