// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.harp.proxy.HarpProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example of docs/embedding.md works as it stands there. */
class EmbeddedGatewayTest {

  private HttpServer app;
  private HarpProxy gateway;

  @BeforeEach
  void start() throws Exception {
    app = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    app.createContext(
        "/",
        exchange -> {
          var body = ("hello from " + exchange.getRequestURI()).getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    app.start();
    gateway = EmbeddedGateway.gateway(0, new EmbeddedGateway.OwnUsers(app.getAddress().getPort()));
    gateway.start().await(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    gateway.stop(Duration.ZERO).await(30, TimeUnit.SECONDS);
    app.stop(0);
  }

  @Test
  void aUserOfTheHostProgramGetsThrough() throws Exception {
    var answer = get("/exapps/hello/world?a=b", "Basic YWxpY2U6c2VjcmV0");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("hello from /world?a=b");
  }

  @Test
  void othersDoNot() throws Exception {
    assertThat(get("/exapps/hello/", "Basic bWFsbG9yeTp4").statusCode()).isEqualTo(403);
    assertThat(get("/exapps/other/", "Basic YWxpY2U6c2VjcmV0").statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> get(String path, String authorization) throws Exception {
    var port = gateway.addresses().get(0).getPort();
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("authorization", authorization)
                .build(),
            BodyHandlers.ofString());
  }
}
