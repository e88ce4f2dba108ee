// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What decisions may rely on, whatever parses requests. */
public abstract class RequestHeadContract {

  /** {@code GET /a%2Fb;c?x=%3F&y} with these lines of headers in this order. */
  protected abstract RequestHead request(List<Map.Entry<String, String>> headers);

  private RequestHead request() {
    return request(
        List.of(
            Map.entry("Cookie", "a=1"),
            Map.entry("EX-APP-ID", "first"),
            Map.entry("cookie", "b=2"),
            Map.entry("Ex.App_Id", "dotted"),
            Map.entry("ex-app-id", "last")));
  }

  @Test
  void theTargetIsAsItWasSent() {
    assertThat(request().method()).isEqualTo("GET");
    assertThat(request().path()).isEqualTo("/a%2Fb;c");
    assertThat(request().query()).isEqualTo("x=%3F&y");
  }

  @Test
  void ofSeveralLinesTheLastCounts() {
    assertThat(request().header("ex-app-id")).isEqualTo("last");
  }

  @Test
  void allLinesAreThereInTheirOrder() {
    assertThat(request().headers("cookie")).containsExactly("a=1", "b=2");
  }

  @Test
  void aNameIsFoundInAnyCaseAndNoOtherSpelling() {
    assertThat(request().header(AsciiString.cached("COOKIE"))).isEqualTo("b=2");
    assertThat(request().header("ex.app_id")).isEqualTo("dotted");
  }

  @Test
  void namesAreAsTheyWereSent() {
    assertThat(request().headerNames()).contains("Cookie", "EX-APP-ID", "Ex.App_Id");
  }

  @Test
  void withoutAHeaderThereIsNone() {
    assertThat(request().header("origin")).isNull();
    assertThat(request().headers("origin")).isEmpty();
  }
}
