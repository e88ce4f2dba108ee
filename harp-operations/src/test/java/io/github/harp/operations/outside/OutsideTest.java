// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.address.ListenAddress;
import io.github.harp.core.notice.Finding;
import io.github.harp.core.notice.Severity;
import io.github.harp.operations.outside.PortsCheck.Expectation;
import io.github.harp.proxy.nextcloud.TrustedAuthorities;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** F2: the doctor finds hosts by the rule that the gateway has. */
@DisplayName("F2: the doctor's names are the gateway's")
class OutsideTest {

  private final Vertx vertx = Vertx.vertx();
  private final List<String> asked = new ArrayList<>();
  private final AnsweringServer server = new AnsweringServer();

  /** Two addresses, of which only the second has a server. */
  private final HostNames names =
      new HostNames() {
        @Override
        public Future<List<InetAddress>> resolve(String name) {
          asked.add(name);
          try {
            return Future.succeededFuture(
                List.of(InetAddress.getByName("127.0.0.9"), InetAddress.getByName("127.0.0.1")));
          } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
          }
        }

        @Override
        public void forget(String name) {}
      };

  private final Outside outside = Outside.of(vertx, names);

  @AfterEach
  void stop() throws Exception {
    outside.close();
    server.close();
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  private int port() {
    return URI.create(server.url()).getPort();
  }

  @Test
  void questions() {
    server.on("/status.php", 200, "{}");

    var answer =
        new HttpProbe(outside, TrustedAuthorities.ofSystem())
            .get("http://next_cloud:" + port() + "/status.php", Map.of());

    assertThat(answer).isInstanceOf(HttpProbe.Answer.class);
    assertThat(asked).containsOnly("next_cloud");
  }

  @Test
  void listeners() {
    var findings =
        new PortsCheck(
                outside,
                Map.of("HP_FRP_ADDRESS", new ListenAddress("harp", port())),
                Expectation.RUNNING)
            .examine()
            .toList();

    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.OK);
    assertThat(asked).containsOnly("harp");
  }

  @Test
  void anAnswerIsReadToItsLimitAndNotFurther() {
    server.on("/long", 200, "x".repeat(100_000));

    assertThat(AnsweringServer.probe().get(server.url() + "/long", Map.of()))
        .isInstanceOfSatisfying(
            HttpProbe.Answer.class, answer -> assertThat(answer.body()).hasSize(64 * 1024));
  }
}
