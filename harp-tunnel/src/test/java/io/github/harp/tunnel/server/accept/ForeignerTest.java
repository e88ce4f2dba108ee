// SPDX-License-Identifier: Apache-2.0
package io.github.harp.tunnel.server.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.tunnel.server.RefusalCode;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What real ones send is tested with the real frpc. */
class ForeignerTest {

  static Stream<Arguments> openings() {
    return Stream.of(
        Arguments.of(
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", RefusalCode.PROXY_PROTOCOL, "version 1"),
        Arguments.of("PROXY UNKNOWN\r\n", RefusalCode.PROXY_PROTOCOL, "version 1"),
        Arguments.of("\r\n\r\n\0\r\nQUIT\n\u0021\u0011", RefusalCode.PROXY_PROTOCOL, "version 2"),
        Arguments.of("GET /~!frp HTTP/1.1\r\n", RefusalCode.WEBSOCKET, "transport.protocol"),
        Arguments.of("GET / HTTP/1.1\r\n", RefusalCode.HTTP, "HTTP request"),
        Arguments.of("POST /exapps/ HTTP/1.1\r\n", RefusalCode.HTTP, "HTTP request"),
        Arguments.of("PRI * HTTP/2.0\r\n", RefusalCode.HTTP, "HTTP request"),
        Arguments.of("SSH-2.0-OpenSSH_9.6\r\n", RefusalCode.SSH, "SSH client"),
        Arguments.of("\0\1\0\1\0\0\0\1\0\0\0\0", RefusalCode.NO_TLS, "without TLS"),
        Arguments.of("o\0\0\0\0\0\0\0\u00b5{", RefusalCode.NO_TLS, "without TLS"),
        Arguments.of("FRP\0\2\r\n{", RefusalCode.NO_TLS, "without TLS"),
        Arguments.of("\r\nhello", RefusalCode.NOT_FRP, "0d0a68656c6c6f"),
        Arguments.of("once upon a time there was", RefusalCode.NOT_FRP, "6f6e6365"),
        Arguments.of("THISISNOMETHODATALL", RefusalCode.NOT_FRP, "54484953"));
  }

  @ParameterizedTest
  @DisplayName("F22: each cause is told by its own first bytes, however these are split")
  @MethodSource("openings")
  void f22_eachCauseIsToldByItsOwnFirstBytes(String bytes, RefusalCode code, String said) {
    Optional<Foreigner> found = Optional.empty();
    for (int i = 1; i <= bytes.length() && found.isEmpty(); i++) {
      found = of(bytes.substring(0, i), false);
    }
    assertThat(of(bytes, false).orElseThrow().code()).isEqualTo(code);
    assertThat(of(bytes, false).orElseThrow().text()).contains(said);
    assertThat(found.orElseThrow().code()).as("byte by byte").isEqualTo(code);
  }

  @Test
  @DisplayName("F22: what ends before it tells more is told by what came")
  void f22_whatEndsEarlyIsToldByWhatCame() {
    assertThat(of("GET /~", false)).isEmpty();
    assertThat(of("GET /~", true)).map(Foreigner::code).contains(RefusalCode.HTTP);
    assertThat(of("PROX", true)).map(Foreigner::code).contains(RefusalCode.NOT_FRP);
  }

  private static Optional<Foreigner> of(String bytes, boolean isAll) {
    return Foreigner.of(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1), isAll, false);
  }
}
