// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.harp.tunnel.server.RefusalCode;
import io.github.harp.tunnel.server.TunnelListener;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RefusalsTest {

  private static final InetSocketAddress SOMEBODY = new InetSocketAddress("203.0.113.7", 4711);

  private final Logger logger = (Logger) LoggerFactory.getLogger(Refusals.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final List<String> heard = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final Refusals refusals = refusals(false);

  private Refusals refusals(boolean areServers) {
    return new Refusals(
        areServers,
        new TunnelListener() {
          @Override
          public void refused(InetSocketAddress address, RefusalCode code, String reason) {
            heard.add(reason);
          }
        },
        nanos::get);
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void anAdministratorSeesARefusalAtTheDefaultLevel() {
    refusals.refused(SOMEBODY, RefusalCode.CREDENTIAL, "login: the token is not valid here");

    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(lines.list.get(0).getFormattedMessage())
        .isEqualTo("refused 203.0.113.7:4711: login: the token is not valid here");
  }

  @Test
  void amongServersNobodyIsToldHowToSetUpAnFrpClient() {
    var amongServers = refusals(true);

    amongServers.refused(SOMEBODY, RefusalCode.CLIENT_CERTIFICATE, TlsMismatch.CLIENT_WITHOUT_TLS);
    amongServers.refused(SOMEBODY, RefusalCode.SERVER_CERTIFICATE, "the client left");
    amongServers.refused(SOMEBODY, RefusalCode.HTTP, "this port is for frp clients only");

    assertThat(heard)
        .containsExactly(
            "at the port for other servers: its certificate is none of theirs: it has another"
                + " secret",
            "at the port for other servers: it left amid the handshake; if it does not know this one's"
                + " certificate, it has another secret",
            "at the port for other servers: it is none (HTTP)");
  }

  @Test
  void aFloodIsCountedInsteadOfLogged() {
    for (int i = 0; i < 1_000; i++) {
      refusals.refused(SOMEBODY, RefusalCode.CREDENTIAL, "again");
    }
    assertThat(lines.list).hasSize(10);

    nanos.addAndGet(1_000_000_000L);
    refusals.refused(SOMEBODY, RefusalCode.CREDENTIAL, "later");

    assertThat(lines.list).hasSize(11);
    assertThat(lines.list.get(10).getFormattedMessage())
        .endsWith("later (and 990 more that were not logged)");
    assertThat(heard).hasSize(1_001);
  }

  @Test
  void aReasonThatQuotesAClientStaysOneLine() {
    refusals.refused(
        SOMEBODY,
        RefusalCode.CREDENTIAL,
        "visitor: [x]\n2026-01-01 ERROR all is lost" + "!".repeat(1_000));

    assertThat(lines.list.get(0).getFormattedMessage()).doesNotContain("\n").hasSizeLessThan(600);
    assertThat(heard.get(0)).doesNotContain("\n");
  }
}
