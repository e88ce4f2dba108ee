// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.gateway;

import static io.github.harp.core.testing.Wait.failureOf;
import static io.github.harp.core.testing.Wait.resultOf;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.harp.core.AppId;
import io.github.harp.core.InstanceName;
import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.launcher.config.Configuration;
import io.github.harp.proxy.upstream.HostNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class NextcloudAccessTest {

  private final Vertx vertx = Vertx.vertx();
  private final Logger logger = (Logger) LoggerFactory.getLogger(NextcloudAccess.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  /** Nobody is asked. */
  private static final class NoNames implements HostNames {

    @Override
    public Future<List<InetAddress>> resolve(String name) {
      return Future.failedFuture(name);
    }

    @Override
    public void forget(String name) {}
  }

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
    var access =
        Configuration.from(
                Map.of("HP_SHARED_KEY", "a key", "NC_INSTANCE_URL", "http://127.0.0.1:9"), root)
            .access();
    var further =
        new Configuration.Other(
            new InstanceName("acme"),
            new Configuration.Nextcloud("no url", SharedKey.of("another key")),
            Set.of(),
            Map.of());

    var nextcloud =
        NextcloudAccess.of(
                further,
                access,
                vertx,
                new NoNames(),
                Bans.of(Ticker.systemTicker()),
                Ticker.systemTicker())
            .instance()
            .records();

    assertThat(failureOf(nextcloud.get(new AppId("notes"))))
        .hasMessageContaining("HP_INSTANCES_FILE instance acme url: not a URL");
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .startsWith("HP_INSTANCES_FILE instance acme url: ");
  }
}
