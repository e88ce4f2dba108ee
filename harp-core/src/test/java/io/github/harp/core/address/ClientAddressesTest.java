// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import static io.github.harp.core.testing.FakeRequest.address;
import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.core.testing.FakeRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressesTest {
  private static final String PROXY = "172.18.0.2";

  private final ClientAddresses addresses =
      ClientAddresses.behind(TrustedProxies.parse("172.18.0.0/16, fd00::/8"));

  private static FakeRequest forwarded(String... lines) {
    var request = get("/").from(PROXY);
    for (var line : lines) {
      request.header("X-Forwarded-For", line);
    }
    return request;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.9 | 203.0.113.9",
        "198.51.100.1, 203.0.113.9 | 203.0.113.9",
        "198.51.100.1, 203.0.113.9, 172.18.0.3 | 203.0.113.9",
        "203.0.113.9:4711 | 203.0.113.9",
        "[2001:db8::1] | 2001:db8::1",
        "[2001:db8::1]:4711 | 2001:db8::1",
        "2001:db8::1 | 2001:db8::1",
        "::ffff:203.0.113.9 | 203.0.113.9",
        "203.0.113.9, ::ffff:172.18.0.9 | 203.0.113.9",
        "203.0.113.9, fd00::7, | 203.0.113.9",
        "172.18.0.9, 172.18.0.8 | 172.18.0.9",
        "203.0.113.9, garbage, 172.18.0.3 | 172.18.0.3",
        "unknown | 172.18.0.2",
        "1.2.3.4.5 | 172.18.0.2",
        "203.0.113.9:x | 172.18.0.2",
        "[203.0.113.9 | 172.18.0.2",
      })
  @DisplayName("W3: forwarded-for is walked from the right through trusted proxies only")
  void w3_isWalkedFromTheRight(String header, String client) {
    assertThat(addresses.of(forwarded(header))).isEqualTo(address(client));
  }

  @Test
  void severalLinesAreOneList() {
    assertThat(addresses.of(forwarded("198.51.100.1", "203.0.113.9", "172.18.0.3")))
        .isEqualTo(address("203.0.113.9"));
  }

  @Test
  void nothingIsBelievedFromStrangers() {
    assertThat(
            addresses.of(
                get("/")
                    .from("203.0.113.50")
                    .header("x-forwarded-for", "10.0.0.1")
                    .header("x-real-ip", "10.0.0.1")))
        .isEqualTo(address("203.0.113.50"));
  }

  @Test
  void realIpStandsInWithoutForwardedFor() {
    assertThat(addresses.of(get("/").from(PROXY).header("x-real-ip", "203.0.113.9")))
        .isEqualTo(address("203.0.113.9"));
    assertThat(addresses.of(forwarded("unknown").header("x-real-ip", "203.0.113.9")))
        .isEqualTo(address("203.0.113.9"));
  }

  @Test
  @DisplayName("W3: X-Real-IP never wins over X-Forwarded-For")
  void w3_realIpNeverWins() {
    var request = forwarded("203.0.113.9").header("x-real-ip", "198.51.100.1");

    assertThat(addresses.of(request)).isEqualTo(address("203.0.113.9"));
  }

  @Test
  void aMappedPeerIsAnIpv4Peer() {
    assertThat(
            addresses.of(
                get("/").from("::ffff:172.18.0.2").header("x-forwarded-for", "203.0.113.9")))
        .isEqualTo(address("203.0.113.9"));
  }

  @Test
  void aListOfTenThousandProxiesIsWalkedInNoTime() {
    assertThat(addresses.of(forwarded("203.0.113.9, " + "172.18.0.3, ".repeat(10_000))))
        .isEqualTo(address("203.0.113.9"));
  }
}
