// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.address;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("F26: this host has one meaning")
class ThisHostTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "0.0.0.0",
        "::",
        "::1",
        "[::1]",
        "[::]",
        "0:0:0:0:0:0:0:1",
        "::1%lo",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "[::ffff:127.0.0.9]",
        "::ffff:0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "exapp.localhost",
        "localhost.localdomain",
        "ip6-localhost"
      })
  void isHere(String host) {
    assertThat(IpAddresses.isThisHost(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "10.0.0.7",
        "128.0.0.1",
        "::2",
        "fe80::1",
        "::ffff:10.0.0.7",
        "nc_app_demo",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1.example.com",
        "[::1",
        "host.docker.internal"
      })
  void isElsewhere(String host) {
    assertThat(IpAddresses.isThisHost(host)).isFalse();
  }
}
