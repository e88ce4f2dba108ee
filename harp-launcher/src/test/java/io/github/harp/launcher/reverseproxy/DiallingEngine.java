// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.reverseproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A real frpc before an engine, which dials in for as long as it takes to call the engine once. */
final class DiallingEngine {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final GatewayOfFolder gateway;
  private final Path certificates;

  DiallingEngine(GatewayOfFolder gateway, Path certificates) {
    this.gateway = gateway;
    this.certificates = certificates;
  }

  /** Fails when it can't be called, or when it still can after its end. */
  void dialIn(String version, String protocol, int port, boolean tls, Path folder)
      throws Exception {
    var frpc = Path.of(System.getProperty("harp.root", ".."), "interop/bin", version, "frpc");
    assumeTrue(Files.isExecutable(frpc), frpc + " is missing: run interop/build " + version);
    var configuration =
        """
        serverAddr = "127.0.0.1"
        serverPort = %d
        loginFailExit = false
        metadatas.token = "%s"
        transport.protocol = "%s"
        transport.tls.enable = %s
        transport.tls.certFile = "%5$s/client.crt"
        transport.tls.keyFile = "%5$s/client.key"
        transport.tls.trustedCaFile = "%5$s/ca.crt"
        transport.tls.serverName = "harp.nc"
        [[proxies]]
        name = "engine"
        type = "tcp"
        remotePort = 24001
        localPort = %6$d
        """
            .formatted(
                port,
                GatewayOfFolder.KEY,
                protocol,
                tls,
                certificates,
                gateway.exApp().actualPort());
    var output = folder.resolve("frpc.log");
    var process =
        new ProcessBuilder(
                frpc.toAbsolutePath().toString(),
                "-c",
                Files.writeString(folder.resolve("frpc.toml"), configuration).toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(ping().body()).as(Files.readString(output)).isEqualTo("/_ping"));
    } finally {
      process.destroyForcibly().waitFor();
    }
    await().atMost(PATIENCE).until(() -> ping().statusCode() == 503);
  }

  /** At an engine, which answers with the target that it got. */
  private HttpResponse<String> ping() throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + gateway.port() + "/exapps/app_api/_ping"))
            .header("harp-shared-key", GatewayOfFolder.KEY)
            .header("docker-engine-port", "24001")
            .timeout(PATIENCE);
    return java.net.http.HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
