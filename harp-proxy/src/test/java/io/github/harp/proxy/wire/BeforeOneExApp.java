// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.wire;

import io.github.harp.proxy.HarpProxyOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A proxy before one ExApp, which does what the test says. */
abstract class BeforeOneExApp {

  static final String GET = "GET /exapps/app/x HTTP/1.1\r\nHost: h\r\n\r\n";
  static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  static final Duration SHORT = Duration.ofMillis(200);

  ScriptedServer exApp;
  TestProxy proxy;

  @BeforeEach
  void start() throws Exception {
    exApp = new ScriptedServer(ScriptedServer.answering(OK));
    proxy = start(new HarpProxyOptions.Timeouts());
  }

  TestProxy start(HarpProxyOptions.Timeouts timeouts) throws Exception {
    if (proxy != null) {
      proxy.close();
    }
    var limits = TestProxy.retrying(3, Duration.ofMillis(10));
    proxy = TestProxy.start(TestProxy.options().timeouts(timeouts).limits(limits)).with(exApp);
    return proxy;
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    exApp.close();
  }
}
