// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.testing;

import io.github.harp.core.ExAppAddress;
import io.github.harp.core.access.Decision;
import io.github.harp.core.access.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;

/** Says what a decision is in the words of the contract. */
public final class DecisionAssert extends AbstractAssert<DecisionAssert, Decision> {

  private DecisionAssert(Decision actual) {
    super(actual, DecisionAssert.class);
  }

  public static DecisionAssert assertThat(Decision actual) {
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

  public DecisionAssert isControl(String path) {
    return equal("path", as(Decision.Control.class).path(), path);
  }

  public DecisionAssert isEngine(int port, String path) {
    equal("port", as(Decision.Engine.class).port(), port);
    return equal("path", as(Decision.Engine.class).path(), path);
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
        new String(Base64.getDecoder().decode(forward().authorization()), StandardCharsets.UTF_8);
    return equal("identity", decoded, userAndToken);
  }

  public DecisionAssert withAuthorization(String value) {
    return equal("authorization", forward().authorization(), value);
  }

  public DecisionAssert isSigned() {
    return equal("signed", forward().signed(), true);
  }

  public DecisionAssert isNotSigned() {
    return equal("signed", forward().signed(), false);
  }

  public DecisionAssert countsAnswers(Integer... statuses) {
    return equal("counted statuses", forward().countedStatuses(), Set.of(statuses));
  }

  public DecisionAssert because(Reason reason) {
    isNotNull();
    return equal("reason", actual.reason(), reason);
  }

  public DecisionAssert countsAgainst(String address) {
    equal("counted", isCounted(), true);
    return isAbout(address);
  }

  public DecisionAssert isNotCounted() {
    return equal("counted", isCounted(), false);
  }

  public DecisionAssert isAbout(String address) {
    return equal("client", actual.client(), FakeRequest.address(address));
  }

  private Decision.Forward forward() {
    return as(Decision.Forward.class);
  }

  private boolean isCounted() {
    isNotNull();
    return actual instanceof Decision.Refuse refusal
        ? refusal.counted()
        : actual instanceof Decision.Drop drop && drop.counted();
  }

  private <T extends Decision> T as(Class<T> kind) {
    isInstanceOf(kind);
    return kind.cast(actual);
  }

  private DecisionAssert equal(String what, Object found, Object expected) {
    isNotNull();
    if (!found.equals(expected)) {
      failWithMessage("expected %s <%s> but was <%s> in %s", what, expected, found, actual);
    }
    return this;
  }
}
