// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole gateway, from the client's socket through the tunnel to an ExApp and back. */
class DemoTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ALICE =
      "nc_session=demo-session-of-alice; oc_sessionPassphrase=demo-alice";
  private static final String ADMIN =
      "nc_session=demo-session-of-admin; oc_sessionPassphrase=demo-admin";

  @TempDir static Path certificates;

  private static Vertx vertx;
  private static RunningDemo demo;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    demo =
        new Demo(vertx, new Demo.Ports(0, 0, 0), certificates)
            .start()
            .await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @AfterAll
  static void stop() throws Exception {
    demo.stop().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    vertx.close().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void thePageIsPublic() throws Exception {
    var answer = send(get("", ""));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("<title>HaRP demo</title>");
    assertThat(new JsonObject(send(get("api/me", "")).body()).getString("user")).isEmpty();
  }

  @Test
  void theExAppLearnsWhoTheUserIs() throws Exception {
    assertThat(new JsonObject(send(get("api/me", ALICE)).body()).getString("user"))
        .isEqualTo("alice");
  }

  @Test
  void levelsAreEnforced() throws Exception {
    assertThat(send(get("api/echo", "")).statusCode()).isEqualTo(403);
    assertThat(send(get("admin", ALICE)).statusCode()).isEqualTo(403);
    assertThat(send(get("admin", ADMIN)).body()).contains("You are admin");
    assertThat(send(get("nothing/here", ADMIN)).statusCode()).isEqualTo(404);
  }

  @Test
  void aRequestArrivesAsItWasSentAndWithoutSecretsOfTheGateway() throws Exception {
    var request =
        request("api/echo?q=a%2Fb&q=%C3%A9", ALICE)
            .header("harp-shared-key", "guess")
            .header("x-custom", "kept")
            .POST(BodyPublishers.ofString("hello"))
            .build();

    var echoed = new JsonObject(send(request).body());

    assertThat(echoed.getString("method")).isEqualTo("POST");
    assertThat(echoed.getString("query")).isEqualTo("q=a%2Fb&q=%C3%A9");
    assertThat(echoed.getString("body")).isEqualTo("hello");
    assertThat(echoed.getJsonObject("headers").getMap())
        .containsEntry("x-custom", "kept")
        .containsEntry("ex-app-id", "demo")
        .doesNotContainKey("harp-shared-key");
  }

  @Test
  void eventsComeAsTheyHappen() throws Exception {
    var answer = client.send(get("api/clock", ALICE), BodyHandlers.ofInputStream());

    try (var lines = new BufferedReader(new InputStreamReader(answer.body(), UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("event: tick");
      assertThat(lines.readLine()).matches("data: \\d\\d:\\d\\d(:\\d\\d)?");
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).isEqualTo("event: tick");
    }
  }

  @Test
  void aWebSocketCarriesMessagesBothWays() throws Exception {
    var messages = new Messages();
    var uri = URI.create(demo.page().replace("http:", "ws:") + "api/chat");
    var socket =
        client
            .newWebSocketBuilder()
            .header("cookie", ALICE)
            .buildAsync(uri, messages)
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    socket.sendText("Hello, tunnel", true).join();

    var said = messages.next();
    while (said.getString("from").isEmpty()) {
      said = messages.next();
    }
    assertThat(said.getString("from")).isEqualTo("alice");
    assertThat(said.getString("text")).isEqualTo("Hello, tunnel");
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
  }

  @Test
  void filesOfAnySizePassBothWays() throws Exception {
    var bytes = 20 << 20;
    var upload =
        request("api/upload", ALICE)
            .PUT(BodyPublishers.ofInputStream(() -> new Zeros(bytes)))
            .build();
    assertThat(new JsonObject(send(upload).body()).getInteger("bytes")).isEqualTo(bytes);

    var download = client.send(get("api/download?mib=20", ALICE), BodyHandlers.ofInputStream());
    assertThat(download.body().transferTo(java.io.OutputStream.nullOutputStream()))
        .isEqualTo(bytes);
  }

  @Test
  void theGuideNamesThePageAndCurlLines() {
    assertThat(demo.guide()).contains(demo.page(), "curl -N -b 'nc_session=");
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, BodyHandlers.ofString());
  }

  private static HttpRequest get(String path, String cookies) {
    return request(path, cookies).build();
  }

  private static HttpRequest.Builder request(String path, String cookies) {
    var request = HttpRequest.newBuilder(URI.create(demo.page() + path)).timeout(PATIENCE);
    return cookies.isEmpty() ? request : request.header("cookie", cookies);
  }

  private static final class Messages implements WebSocket.Listener {

    private final BlockingQueue<JsonObject> queue = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      queue.add(new JsonObject(text.toString()));
      socket.request(1);
      return null;
    }

    JsonObject next() throws InterruptedException {
      return java.util.Objects.requireNonNull(
          queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS), "no message");
    }
  }

  /** Some zeros, without keeping them. */
  private static final class Zeros extends InputStream {

    private int left;

    Zeros(int count) {
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int count = Math.min(left, length);
      java.util.Arrays.fill(target, offset, offset + count, (byte) 0);
      left -= count;
      return count;
    }
  }
}
