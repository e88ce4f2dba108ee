// SPDX-License-Identifier: Apache-2.0
package io.github.harp.launcher.config.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class HaproxyDurationTest {

  @Property
  void anyNumberOfMillisecondsThatHaproxyCountsIsReadAsItIs(@ForAll @IntRange int millis) {
    assertThat(HaproxyDuration.parse(millis + "ms")).isEqualTo(Duration.ofMillis(millis));
    assertThat(HaproxyDuration.parse(String.valueOf(millis))).isEqualTo(Duration.ofMillis(millis));
  }

  @Property
  void anyOtherTextIsRefusedWithAnExplanation(@ForAll String text) {
    try {
      assertThat(HaproxyDuration.parse(text)).isGreaterThanOrEqualTo(Duration.ZERO);
    } catch (IllegalArgumentException expected) {
      assertThat(expected).hasMessageContaining("such as 30s");
    }
  }
}
