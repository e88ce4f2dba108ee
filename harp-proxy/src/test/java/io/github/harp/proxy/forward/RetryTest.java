// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.harp.proxy.forward.RequestLeg.State;
import io.netty.handler.codec.http.HttpMethod;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {

  @ParameterizedTest(name = "{0} {1} sent={2}: end {3}, nonsense {4}")
  @CsvSource({
    "GET,     bare,      HEAD,    true,  true",
    "GET,     bare,      SENT,    true,  true",
    "GET,     with body, HEAD,    true,  true",
    "GET,     with body, BODY,    false, false",
    "GET,     with body, SENT,    false, false",
    "HEAD,    bare,      SENT,    true,  true",
    "OPTIONS, bare,      SENT,    true,  true",
    "TRACE,   bare,      SENT,    true,  true",
    "PUT,     bare,      SENT,    true,  true",
    "PUT,     with body, HEAD,    true,  true",
    "PUT,     with body, SENT,    false, false",
    "DELETE,  bare,      SENT,    true,  true",
    "POST,    bare,      HEAD,    false, false",
    "POST,    bare,      SENT,    false, false",
    "POST,    with body, HEAD,    true,  false",
    "POST,    with body, BODY,    false, false",
    "POST,    with body, SENT,    false, false",
    "PATCH,   with body, HEAD,    true,  false",
    "LOCK,    bare,      SENT,    false, false",
    "GET,     bare,      HELD,    false, false",
    "GET,     bare,      DROPPED, false, false",
  })
  void whatTheExAppCannotHaveActedOnIsSentAgain(
      String method, String kind, State sent, boolean afterEnd, boolean afterNonsense) {
    boolean hasBody = kind.equals("with body");

    assertThat(isSafe(Retry.Instead.END, true, false, method, hasBody, sent)).isEqualTo(afterEnd);
    assertThat(isSafe(Retry.Instead.NONSENSE, true, false, method, hasBody, sent))
        .isEqualTo(afterNonsense);
  }

  @ParameterizedTest
  @EnumSource
  void aNewConnectionIsNoReason(Retry.Instead instead) {
    assertThat(isSafe(instead, /* reused= */ false, false, "GET", false, State.SENT)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void whatHasBegunToBeAnsweredIsNeverSentAgain(Retry.Instead instead) {
    assertThat(isSafe(instead, true, /* answered= */ true, "GET", false, State.SENT)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
  void someMethodsMayBeRepeated(String method) {
    assertThat(Retry.isIdempotent(HttpMethod.valueOf(method))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH", "LOCK", "get", "PROPPATCH"})
  void othersMayNot(String method) {
    assertThat(Retry.isIdempotent(HttpMethod.valueOf(method))).isFalse();
  }

  private static boolean isSafe(
      Retry.Instead instead,
      boolean reused,
      boolean answered,
      String method,
      boolean hasBody,
      State sent) {
    return Retry.isSafe(instead, reused, answered, HttpMethod.valueOf(method), hasBody, sent);
  }
}
