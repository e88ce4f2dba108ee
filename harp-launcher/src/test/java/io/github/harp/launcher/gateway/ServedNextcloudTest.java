// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.core.testing.Wait.failureOf;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.key.SharedKey;
import io.github.harp.dialin.TunnelEntrance;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.tunnel.server.TunnelListener;
import io.github.harp.tunnel.server.WebSockets;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServedNextcloudTest {

  private final Vertx vertx = Vertx.vertx();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ServedNextcloud.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void close() {
    logger.detachAppender(lines);
    resultOf(vertx.close());
  }

  @Test
  void aUrlThatIsNoneIsToldWithTheSettingItIsFrom(@TempDir Path root) throws Exception {
    var configuration =
        Configuration.from(
            Map.of(
                "HP_SHARED_KEY",
                "a key",
                "NC_INSTANCE_URL",
                "http://127.0.0.1:9",
                "HP_FRP_DISABLE_TLS",
                "true",
                "HP_CERTS_DIR",
                root.toString()),
            root);
    var further =
        new Configuration.Nextcloud(
            new InstanceName("acme"),
            "no url",
            SharedKey.of("another key"),
            Set.of(),
            new Configuration.Places(Map.of(), List.of(), Optional.empty()));
    var ground = Ground.of(configuration, vertx);
    var entrance =
        new TunnelEntrance(
            new TunnelEntrance.Place(
                new InetSocketAddress(0),
                Optional.empty(),
                nobody -> false,
                WebSockets.LIKE_OTHERS,
                Optional.empty(),
                Optional.empty()),
            ground.bans().tunnels(),
            new TunnelListener() {},
            vertx,
            error -> {});

    var acme = ServedNextcloud.begin(further, ground.bans(), ground, entrance);
    var nextcloud = acme.instance().records();

    assertThat(failureOf(nextcloud.get(new AppId("notes"))))
        .hasMessageContaining("HP_INSTANCES_FILE instance acme url: not a URL");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .startsWith("HP_INSTANCES_FILE instance acme url: ");
  }
}
