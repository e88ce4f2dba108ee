// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.harp.core.AppId;
import io.github.harp.core.ExAppName;
import io.github.harp.core.HarpException;
import io.github.harp.core.notice.Severity;
import io.github.harp.core.runtime.spec.ComputeDevice;
import io.github.harp.core.runtime.spec.ContainerEnvironment;
import io.github.harp.core.runtime.spec.EngineOptions;
import io.github.harp.core.runtime.spec.ExAppSpec;
import io.github.harp.core.runtime.spec.ResourceLimits;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What AppAPI may rely on, wherever an ExApp runs. Each runtime's own test extends this, those of
 * engines {@link EngineRuntimeContract}.
 */
public abstract class ExAppRuntimeContract {

  private static final int ORDER_MAY_TAKE_SECONDS = 90;

  private final List<ExAppName> used = new ArrayList<>();

  /** The runtime under test; the same one during a test. */
  protected abstract ExAppRuntime runtime();

  /** An image that runs until it is stopped and has no health check. */
  protected abstract String image();

  /** Whether an ExApp's data exists, looked up past the runtime. */
  protected abstract boolean hasData(ExAppName name) throws Exception;

  /** Another role of an ExApp; goes after the test, too, and before the role that it came from. */
  protected ExAppName otherRole(ExAppName name) {
    var other = new ExAppName(name.id(), name.instanceId(), "worker", ExAppName.PREFIX);
    used.add(0, other);
    return other;
  }

  /** A name that no other test uses; what is made under it goes after the test. */
  protected ExAppName newName() {
    var name = new ExAppName(new AppId("t" + UUID.randomUUID().toString().substring(0, 8)));
    used.add(name);
    return name;
  }

  @AfterEach
  void removeWhatTheTestMade() throws Exception {
    for (var name : used) {
      get(runtime().remove(name, true));
    }
    afterEverything();
  }

  /** For an implementation that has something to close; nothing is ordered any more. */
  protected void afterEverything() throws Exception {}

  @Test
  @DisplayName(
      "says what its place is, and of what is wrong there what it means and what to change")
  void saysWhatItsPlaceIs() throws Exception {
    var report = get(runtime().describe());

    assertThat(report.summary()).isNotBlank();
    assertThat(report.findings())
        .allSatisfy(finding -> assertThat(finding.seen()).isNotBlank())
        .filteredOn(finding -> finding.severity().compareTo(Severity.WARNING) >= 0)
        .allSatisfy(finding -> assertThat(finding.meaning()).isNotBlank())
        .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
  }

  @Test
  void findsNothingBeforeItIsCreated() throws Exception {
    assertThat(get(runtime().find(newName()))).isEmpty();
  }

  @Test
  void whatIsCreatedIsThereWithItsDataAndNotStarted() throws Exception {
    var name = newName();

    assertThat(get(runtime().create(spec(name, image()))).name()).isNotEmpty();

    assertThat(get(runtime().find(name))).isPresent();
    assertThat(hasData(name)).isTrue();
    assertThat(get(runtime().start(name))).as("was stopped").isTrue();
  }

  @Test
  void whatWasStartedIsWaitedFor() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    var outcome = get(runtime().awaitStart(name));

    assertThat(outcome.started()).isTrue();
    assertThat(outcome.status()).isEqualTo("running");
  }

  @Test
  void refusesASecondContainerOfTheSameName() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    assertFails(runtime().create(spec(name, image())), CONFLICT);
    assertThat(get(runtime().find(name))).isPresent();
  }

  @Test
  void canNeitherStartNorStopWhatDoesNotExist() throws Exception {
    assertFails(runtime().start(newName()), NOT_FOUND);
    assertFails(runtime().stop(newName()), NOT_FOUND);
  }

  @Test
  void aWaitForAStartDoesNotHoldUpOtherOrders() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    var waiting = runtime().awaitStart(name);

    get(runtime().start(name));

    assertThat(get(waiting).started()).isTrue();
  }

  @Test
  void removesARunningContainerAndKeepsItsData() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    get(runtime().remove(name, false));

    assertThat(get(runtime().find(name))).isEmpty();
    assertThat(hasData(name)).isTrue();
  }

  @Test
  void removesTheDataWhenToldTo() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    get(runtime().remove(name, true));

    assertThat(get(runtime().find(name))).isEmpty();
    assertThat(hasData(name)).isFalse();
  }

  @Test
  void removingNothingIsFine() throws Exception {
    get(runtime().remove(newName(), true));
  }

  @Test
  @DisplayName("orders for one ExApp run one after the other, in the order they came")
  void ordersForOneExAppRunOneAfterTheOther() throws Exception {
    var name = newName();

    var outcomes = new ArrayList<Future<?>>();
    for (var round = 0; round < 4; round++) {
      outcomes.add(runtime().create(spec(name, image())));
      outcomes.add(runtime().start(name));
      outcomes.add(runtime().remove(name, true));
    }

    for (var outcome : outcomes) {
      get(outcome);
    }
    assertThat(get(runtime().find(name))).isEmpty();
    assertThat(hasData(name)).isFalse();
  }

  @Test
  void anOrderThatNobodyWaitsForIsCarriedOut() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    runtime().start(name);

    assertThat(get(runtime().stop(name))).as("was started").isTrue();
  }

  protected static ExAppSpec spec(ExAppName name, String image) {
    return spec(name, image, "unless-stopped");
  }

  protected static ExAppSpec spec(ExAppName name, String image, String restartPolicy) {
    return new ExAppSpec(
        name,
        image,
        ContainerEnvironment.of("APP_ID=" + name.id(), "APP_PORT=23000"),
        ComputeDevice.CPU,
        ResourceLimits.NONE,
        new EngineOptions("bridge", restartPolicy, List.of()));
  }

  protected static void assertFails(Future<?> order, HarpException.Code code) {
    assertThatExceptionOfType(HarpException.class)
        .isThrownBy(() -> get(order))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  /** The result of an order, or what it failed with. */
  protected static <T> T get(Future<T> order) throws Exception {
    return order.await(ORDER_MAY_TAKE_SECONDS, TimeUnit.SECONDS);
  }
}
