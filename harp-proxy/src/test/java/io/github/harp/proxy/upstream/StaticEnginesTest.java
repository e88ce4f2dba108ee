// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticEnginesTest {

  private static final HostNames NAMES =
      new HostNames() {
        @Override
        public Future<List<InetAddress>> resolve(String name) {
          return Future.failedFuture("unused");
        }

        @Override
        public void forget(String name) {}
      };

  private static StaticEngines parse(String text) {
    return StaticEngines.parse(text, NAMES, Duration.ofSeconds(1));
  }

  @Test
  void readsUnixSocketsNamesAndAddresses() {
    var engines =
        parse(
            "24000=unix:///var/run/docker.sock, 24007=tcp://10.0.0.7:2375,"
                + "24008=tcp://docker.example:2375,,24009=tcp://[2001:db8::1]:2375");

    assertThat(engines.ports()).containsExactly(24000, 24007, 24008, 24009);
    assertThat(engines.find(24000)).get().hasToString("unix:///var/run/docker.sock");
    assertThat(engines.find(24007)).get().hasToString("tcp://10.0.0.7:2375");
    assertThat(engines.find(24008)).get().hasToString("tcp://docker.example:2375");
    assertThat(engines.find(24009)).get().hasToString("tcp://[2001:db8::1]:2375");
    assertThat(engines.find(24001)).isEmpty();
  }

  @Test
  void nothingMeansNoEngines() {
    assertThat(parse(" ").ports()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "24000",
        "24000=",
        "24000=/var/run/docker.sock",
        "24000=unix://docker.sock",
        "24000=tcp://10.0.0.7",
        "24000=tcp://:2375",
        "24000=tcp://10.0.0.7:0",
        "24000=tcp://10.0.0.7:65536",
        "24000=tcp://2001:db8::1:2375",
        "24000=http://10.0.0.7:2375",
        "23999=tcp://10.0.0.7:2375",
        "24100=tcp://10.0.0.7:2375",
        "x=tcp://10.0.0.7:2375"
      })
  void anEntryThatCannotBeReadIsNamed(String text) {
    assertThatThrownBy(() -> parse("24005=unix:///ok," + text))
        .isInstanceOf(HarpException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("expected");
  }

  @Test
  void aPortThatIsNamedTwiceIsRefused() {
    assertThatThrownBy(() -> parse("24000=unix:///a,24000=unix:///b"))
        .hasMessageContaining("named twice");
  }
}
