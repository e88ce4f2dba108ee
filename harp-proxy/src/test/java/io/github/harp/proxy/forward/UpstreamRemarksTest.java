// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UpstreamRemarksTest {

  private final AtomicLong now = new AtomicLong();
  private final UpstreamRemarks remarks = new UpstreamRemarks(now::get);

  @Test
  @DisplayName("F10: the same about the same one once in an interval")
  void aRemarkIsMadeOnceInAnInterval() {
    assertThat(remarks.isDue("ExApp a", "silent")).isTrue();
    assertThat(remarks.isDue("ExApp a", "silent")).isFalse();
    assertThat(remarks.isDue("ExApp a", "lenient")).isTrue();
    assertThat(remarks.isDue("ExApp b", "silent")).isTrue();

    now.addAndGet(UpstreamRemarks.SILENCE.toNanos() + 1);

    assertThat(remarks.isDue("ExApp a", "silent")).isTrue();
  }
}
