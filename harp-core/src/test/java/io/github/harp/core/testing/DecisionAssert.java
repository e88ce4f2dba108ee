// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.ExAppAddress;
import io.github.harp.core.decision.CountedAnswers;
import io.github.harp.core.decision.Decision;
import io.github.harp.core.decision.Reason;
import io.github.harp.core.decision.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;

/** Says what a decision is in the words of the contract. */
public final class DecisionAssert extends AbstractAssert<DecisionAssert, Verdict> {

  private DecisionAssert(Verdict actual) {
    super(actual, DecisionAssert.class);
  }

  public static DecisionAssert assertThat(Verdict actual) {
    return new DecisionAssert(actual);
  }

  public DecisionAssert isDropped(Reason reason) {
    as(Decision.Drop.class);
    return because(reason);
  }

  public DecisionAssert isRefused(int status, Reason reason) {
    var refusal = as(Decision.Refuse.class);
    if (refusal.status() != status) {
      failWithMessage("expected status %d but was %s", status, actual);
    }
    return because(reason);
  }

  /** What is told in the log beside the reason. */
  public DecisionAssert saying(String... words) {
    Assertions.assertThat(as(Decision.Refuse.class).detail()).contains(words);
    return this;
  }

  public DecisionAssert untilAfter(Duration wait) {
    return equal("wait", as(Decision.Refuse.class).retryAfter(), wait);
  }

  public DecisionAssert isOrder(String path) {
    return equal("path", as(Decision.Order.class).path(), path);
  }

  public DecisionAssert isEngineCall(int number, String path) {
    var call = as(Decision.EngineCall.class);
    equal("engine", call.engine().toString(), "engine " + number);
    return equal("path", call.path(), path);
  }

  public DecisionAssert isNotForwarded() {
    return equal("forwarded", decision().forward().isPresent(), false);
  }

  public DecisionAssert isForwardedTo(String appId, String path) {
    equal("ExApp", forward().exApp().id().text(), appId);
    return equal("path", forward().path(), path);
  }

  /** The upstream as the record names it. */
  public DecisionAssert at(String host, int port) {
    return equal("address", forward().exApp().address(), new ExAppAddress(host, port));
  }

  public DecisionAssert withVersion(String version) {
    return equal("version", forward().exApp().version(), version);
  }

  /** The decoded value of AUTHORIZATION-APP-API. */
  public DecisionAssert withIdentity(String userAndToken) {
    var decoded =
        new String(
            Base64.getDecoder().decode(forward().authorization().text()), StandardCharsets.UTF_8);
    return equal("identity", decoded, userAndToken);
  }

  public DecisionAssert withAuthorization(String value) {
    return equal("authorization", forward().authorization().text(), value);
  }

  public DecisionAssert isSigned() {
    return equal("signed", forward().signed(), true);
  }

  public DecisionAssert isNotSigned() {
    return equal("signed", forward().signed(), false);
  }

  public DecisionAssert countsAnswers(Integer... statuses) {
    return equal(
        "counted statuses",
        forward().counted().map(CountedAnswers::statuses).orElse(Set.of()),
        Set.of(statuses));
  }

  public DecisionAssert because(Reason reason) {
    isNotNull();
    return equal("reason", actual.reason(), reason);
  }

  public DecisionAssert countsAgainst(String address) {
    isNotNull();
    equal("counted", actual.counted(), true);
    return isAbout(address);
  }

  public DecisionAssert isNotCounted() {
    isNotNull();
    return equal("counted", actual.counted(), false);
  }

  public DecisionAssert isAbout(String address) {
    return equal("client", actual.client(), FakeRequest.address(address));
  }

  private Decision.Forward forward() {
    return as(Decision.Forward.class);
  }

  private Decision decision() {
    isNotNull();
    return actual.decision();
  }

  private <T extends Decision> T as(Class<T> kind) {
    if (!kind.isInstance(decision())) {
      failWithMessage("expected %s but was %s", kind.getSimpleName(), actual);
    }
    return kind.cast(decision());
  }

  private DecisionAssert equal(String what, Object found, Object expected) {
    isNotNull();
    if (!found.equals(expected)) {
      failWithMessage("expected %s <%s> but was <%s> in %s", what, expected, found, actual);
    }
    return this;
  }
}
