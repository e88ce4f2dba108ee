// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import static io.github.harp.core.testing.FakeRequest.address;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

  @Test
  void readsAddressesAndNetworks() {
    var proxies = TrustedProxies.parse("10.0.0.7, 192.168.0.0/255.255.0.0 ,fd00::/8,2001:db8::1");

    assertThat(proxies.networks())
        .extracting(IpNetwork::toString)
        .containsExactly("10.0.0.7/32", "192.168.0.0/16", "fd00::/8", "2001:db8::1/128");
    assertThat(proxies.warnings()).isEmpty();
    assertThat(proxies.errors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"'10.0.0.7'", "\"10.0.0.7", "\u201C10.0.0.7\u201D", "\u2018\u2019' 10.0.0.7 '"})
  void quotesAreDroppedWithAWarning(String text) {
    var proxies = TrustedProxies.parse(text);

    assertThat(proxies.contains(address("10.0.0.7"))).isTrue();
    assertThat(proxies.warnings()).singleElement().asString().contains("quotes");
  }

  @Test
  void hostBitsAreClearedWithAWarning() {
    var proxies = TrustedProxies.parse("192.168.1.20/24");

    assertThat(proxies.contains(address("192.168.1.99"))).isTrue();
    assertThat(proxies.contains(address("192.168.2.1"))).isFalse();
    assertThat(proxies.warnings()).singleElement().asString().contains("192.168.1.0/24");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "/8",
        "fd00::/129",
        "10.0.0.0/255.0.255.0",
        "10.0.0.256",
        "[::1]",
        "fd00::/ffff::"
      })
  void badEntriesAreIgnoredAndReported(String text) {
    var proxies = TrustedProxies.parse("10.9.9.9, " + text);

    assertThat(proxies.networks()).hasSize(1);
    assertThat(proxies.errors()).singleElement().asString().contains(text);
  }

  @Test
  void withoutAValidEntryThatIsReportedToo() {
    var proxies = TrustedProxies.parse("proxy");

    assertThat(proxies.networks()).isEmpty();
    assertThat(proxies.errors()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", " , '' ,"})
  void nothingIsNobodyWithoutAReport(String text) {
    assertThat(TrustedProxies.parse(text).networks()).isEmpty();
    assertThat(TrustedProxies.parse(text).errors()).isEmpty();
  }

  @Test
  void everyAddressIsInTheWidestNetwork() {
    var proxies = TrustedProxies.parse("0.0.0.0/0,::/0");

    assertThat(proxies.contains(address("255.255.255.255"))).isTrue();
    assertThat(proxies.contains(address("ffff::1"))).isTrue();
  }

  @Property(tries = 500)
  void aNetworkContainsExactlyWhatSharesItsPrefix(
      @ForAll @Size(4) byte[] one,
      @ForAll @Size(4) byte[] other,
      @ForAll @IntRange(max = 32) int prefix) {
    var network =
        IpNetwork.parse(IpAddresses.of(one).getHostAddress() + "/" + prefix).orElseThrow();
    var mask = prefix == 0 ? 0 : -1 << (32 - prefix);

    assertThat(network.contains(IpAddresses.of(one))).isTrue();
    assertThat(network.contains(IpAddresses.of(other)))
        .isEqualTo((bits(one) & mask) == (bits(other) & mask));
  }

  private static int bits(byte[] bytes) {
    return java.nio.ByteBuffer.wrap(bytes).getInt();
  }
}
