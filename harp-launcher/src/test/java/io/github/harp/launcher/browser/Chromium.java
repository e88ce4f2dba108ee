// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A real headless browser, driven over WebDriver's HTTP protocol.
 *
 * @see <a href="https://www.w3.org/TR/webdriver2/">WebDriver</a>
 */
public final class Chromium implements AutoCloseable {

  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

  private static final String PLACE =
      "const box = at.getBoundingClientRect(), edge = Math.min(16, box.x); arguments[0]({"
          + " x: box.x + scrollX - edge, y: box.y + scrollY - edge,"
          + " width: box.width + 2 * edge, height: box.height + edge })";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process driver;
  private final String session;

  /** Whether there is one. */
  public static boolean isInstalled() {
    return Files.isExecutable(DRIVER) && Files.isExecutable(BROWSER);
  }

  /**
   * @param profile an empty folder
   */
  public Chromium(Path profile) throws Exception {
    driver =
        new ProcessBuilder(DRIVER.toString(), "--port=0")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    var base = "http://127.0.0.1:" + port();
    var options =
        new JsonObject()
            .put("binary", BROWSER.toString())
            .put(
                "args",
                new JsonArray()
                    .add("--headless")
                    .add("--no-sandbox")
                    .add("--disable-gpu")
                    .add("--disable-lcd-text")
                    .add("--hide-scrollbars")
                    .add("--disable-quic")
                    .add("--no-first-run")
                    .add("--disable-background-networking")
                    .add("--disable-component-update")
                    .add("--disable-sync")
                    .add("--window-size=1100,900")
                    .add("--user-data-dir=" + profile));
    var capabilities =
        new JsonObject()
            .put(
                "alwaysMatch",
                new JsonObject()
                    .put("goog:chromeOptions", options)
                    .put("timeouts", new JsonObject().put("script", 2 * PATIENCE.toMillis()))
                    .put("goog:loggingPrefs", new JsonObject().put("browser", "ALL")));
    var created = post(base + "/session", new JsonObject().put("capabilities", capabilities));
    session = base + "/session/" + ((JsonObject) created).getString("sessionId");
  }

  public void open(String url) throws Exception {
    post(session + "/url", new JsonObject().put("url", url));
  }

  public void click(String selector) throws Exception {
    post(element(selector) + "/click", new JsonObject());
  }

  /** Types into a field; {@code \uE007} is the enter key. */
  public void type(String selector, String text) throws Exception {
    post(element(selector) + "/value", new JsonObject().put("text", text));
  }

  /** Waits until what it shows there has this in it. */
  public void awaitText(String selector, String expected) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(text(selector)).contains(expected));
  }

  public String text(String selector) throws Exception {
    return String.valueOf(get(element(selector) + "/text"));
  }

  /**
   * What a script returns; {@code arguments[0]} of it is a callback when it is not there at once.
   */
  public Object run(String script) throws Exception {
    return post(
        session + "/execute/async",
        new JsonObject().put("script", script).put("args", new JsonArray()));
  }

  /** Presses a key where the focus is. */
  public void press(String key) throws Exception {
    var strokes =
        new JsonArray()
            .add(new JsonObject().put("type", "keyDown").put("value", key))
            .add(new JsonObject().put("type", "keyUp").put("value", key));
    var keyboard =
        new JsonObject().put("type", "key").put("id", "keyboard").put("actions", strokes);
    post(session + "/actions", new JsonObject().put("actions", new JsonArray().add(keyboard)));
  }

  /** Looks as on a screen of this width, in CSS pixels. */
  public void width(int pixels) throws Exception {
    command(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject()
            .put("width", pixels)
            .put("height", 800)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  /** Looks as for somebody who likes it dark, or light. */
  public void colours(String scheme) throws Exception {
    var feature = new JsonObject().put("name", "prefers-color-scheme").put("value", scheme);
    command(
        "Emulation.setEmulatedMedia",
        new JsonObject().put("features", new JsonArray().add(feature)));
  }

  /** What is between the top of one element and {@code height} pixels below, as wide as it is. */
  public byte[] picture(String selector, int height) throws Exception {
    var place = (JsonObject) run("const at = document.querySelector('" + selector + "');" + PLACE);
    var taken =
        (JsonObject)
            command(
                "Page.captureScreenshot",
                new JsonObject()
                    .put("captureBeyondViewport", true)
                    .put(
                        "clip",
                        place
                            .put("height", Math.min(height, place.getDouble("height")))
                            .put("scale", 1)));
    return Base64.getDecoder().decode(taken.getString("data"));
  }

  private Object command(String name, JsonObject parameters) throws Exception {
    return post(
        session + "/goog/cdp/execute", new JsonObject().put("cmd", name).put("params", parameters));
  }

  /** What the browser complained of since it was asked last. */
  public JsonArray complaints() throws Exception {
    return (JsonArray) post(session + "/se/log", new JsonObject().put("type", "browser"));
  }

  public void screenshot(Path file) throws Exception {
    Files.write(file, Base64.getDecoder().decode(String.valueOf(get(session + "/screenshot"))));
  }

  @Override
  public void close() throws Exception {
    try {
      send(HttpRequest.newBuilder(URI.create(session)).DELETE().build());
    } finally {
      driver.destroy();
      if (!driver.waitFor(30, TimeUnit.SECONDS)) {
        driver.destroyForcibly();
      }
    }
  }

  private String port() throws IOException {
    var lines = new BufferedReader(new InputStreamReader(driver.getInputStream(), UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      var port = PORT.matcher(line);
      if (port.find()) {
        return port.group(1);
      }
    }
    throw new IOException("chromedriver ended without naming its port");
  }

  private String element(String selector) throws Exception {
    var found =
        post(
            session + "/element",
            new JsonObject().put("using", "css selector").put("value", selector));
    return session + "/element/" + ((JsonObject) found).getString(ELEMENT);
  }

  private Object get(String url) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url)).build());
  }

  private Object post(String url, JsonObject body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body.encode()))
            .build());
  }

  private Object send(HttpRequest request) throws Exception {
    var answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(request.uri() + ": " + answer.body());
    }
    return new JsonObject(answer.body()).getValue("value");
  }
}
