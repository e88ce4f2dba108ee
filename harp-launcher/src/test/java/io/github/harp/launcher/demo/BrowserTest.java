// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.harp.launcher.browser.Chromium;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a person sees it. */
class BrowserTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ENTER = "\uE007";

  @TempDir Path certificates;

  @TempDir(cleanup = CleanupMode.NEVER)
  Path profile;

  @Test
  void aVisitorLogsInSeesTheClockTickAndChats() throws Exception {
    assumeTrue(Chromium.isInstalled(), "Chromium and its driver are not installed");
    var vertx = Vertx.vertx();
    var demo =
        new Demo(vertx, new Demo.Ports(0, 0, 0), certificates)
            .start()
            .await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    try (var browser = new Chromium(profile)) {
      browser.open(demo.page());
      seen(browser, "#who", "You are anonymous");
      assertThat(browser.text("#clock")).isEqualTo("--:--:--");

      browser.click("#login-alice");
      seen(browser, "#who", "You are alice");

      seen(browser, "#clock", ":");
      var time = browser.text("#clock");
      await().atMost(PATIENCE).until(() -> !browser.text("#clock").equals(time));

      seen(browser, "#messages", "alice has joined");
      browser.type("#message", "Hello from Chromium" + ENTER);
      seen(browser, "#messages", "alice: Hello from Chromium");

      browser.click("#echo button");
      seen(browser, "#echoed", "\"user\": \"alice\"");
      browser.screenshot(Path.of("target/demo.png"));

      browser.click("#logout");
      seen(browser, "#who", "You are anonymous");
    } finally {
      demo.stop().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      vertx.close().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static void seen(Chromium browser, String selector, String text) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(browser.text(selector)).contains(text));
  }
}
