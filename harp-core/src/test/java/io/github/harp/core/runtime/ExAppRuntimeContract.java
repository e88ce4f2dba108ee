// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.ExAppName;
import io.github.harp.core.ExAppRuntime;
import io.github.harp.core.HarpException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What AppAPI may rely on, whatever an ExApp runs on. Each runtime's own test extends this. */
public abstract class ExAppRuntimeContract {

  private static final int ORDER_MAY_TAKE_SECONDS = 90;

  private final List<ExAppName> used = new ArrayList<>();

  /** The runtime under test; the same one during a test. */
  protected abstract ExAppRuntime runtime();

  /** An image that runs until it is stopped and has no health check. */
  protected abstract String image();

  /** An image whose program ends at once. */
  protected abstract String endingImage();

  /** Whether an ExApp's data exists, looked up past the runtime. */
  protected abstract boolean hasData(ExAppName name) throws Exception;

  /** A name that no other test uses; what is made under it goes after the test. */
  protected ExAppName newName() {
    var name = new ExAppName("t" + UUID.randomUUID().toString().substring(0, 8));
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
  void findsNothingBeforeItIsCreated() throws Exception {
    assertThat(get(runtime().find(newName()))).isEmpty();
  }

  @Test
  void createsAContainerWithItsDataAndDoesNotStartIt() throws Exception {
    var name = newName();

    var created = get(runtime().create(spec(name, image())));

    assertThat(created.id()).isNotEmpty();
    assertThat(created.name()).isEqualTo(name.container());
    assertThat(get(runtime().find(name)))
        .hasValueSatisfying(
            found -> {
              assertThat(found.name()).isEqualTo(name.container());
              assertThat(found.imageRef()).contains(image());
            });
    assertThat(hasData(name)).isTrue();
    assertThat(get(runtime().start(name))).as("was stopped").isTrue();
  }

  @Test
  void refusesASecondContainerOfTheSameName() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    assertFails(runtime().create(spec(name, image())), CONFLICT);
    assertThat(get(runtime().find(name))).isPresent();
  }

  @Test
  void refusesAnImageThatIsNotThereAndLeavesNothing() throws Exception {
    var name = newName();

    assertFails(runtime().create(spec(name, "harp-test/there-is-no-such-image:1")), REFUSED);
    assertThat(get(runtime().find(name))).isEmpty();
    assertThat(hasData(name)).isFalse();
  }

  @Test
  void startsAndStopsAndSaysWhenThatWasSoAlready() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    assertThat(get(runtime().start(name))).isTrue();
    assertThat(get(runtime().start(name))).isFalse();
    assertThat(get(runtime().stop(name))).isTrue();
    assertThat(get(runtime().stop(name))).isFalse();
    assertThat(get(runtime().start(name))).isTrue();
  }

  @Test
  void canNeitherStartNorStopWhatDoesNotExist() throws Exception {
    assertFails(runtime().start(newName()), NOT_FOUND);
    assertFails(runtime().stop(newName()), NOT_FOUND);
  }

  @Test
  void aStartIsOverWhenTheContainerRuns() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    assertThat(get(runtime().awaitStart(name)))
        .isEqualTo(new StartOutcome(true, "running", null, null));
  }

  @Test
  void aProgramThatEndsAtOnceIsReportedAsExited() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, endingImage(), "no")));
    get(runtime().start(name));

    // It runs for a moment, and somebody may look just then.
    var ended =
        await()
            .atMost(30, TimeUnit.SECONDS)
            .until(() -> get(runtime().awaitStart(name)), outcome -> !outcome.started());
    assertThat(ended)
        .isEqualTo(new StartOutcome(false, "exited", null, "non-recoverable state: exited"));
  }

  @Test
  void nobodyWaitsForAContainerThatDoesNotExist() throws Exception {
    assertThat(get(runtime().awaitStart(newName())))
        .isEqualTo(new StartOutcome(false, "not_found", null, "container not found"));
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
  void dataThatAnotherRoleUsesIsNotRemoved() throws Exception {
    var name = newName();
    var other = new ExAppName(name.name(), "", "worker");
    used.add(0, other);
    get(runtime().create(spec(name, image())));
    get(runtime().create(spec(other, image())));

    assertFails(runtime().remove(name, true), CONFLICT);
    assertThat(hasData(name)).isTrue();
    get(runtime().remove(other, false));
  }

  @Test
  void anImageThatIsNotThereCountsAsRemoved() throws Exception {
    assertThat(get(runtime().removeImage("harp-test/there-is-no-such-image:1")))
        .isEqualTo(new ImageRemoval(true, 0, "not_found"));
  }

  @Test
  void anImageInUseStays() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    assertThat(get(runtime().removeImage(image()))).isEqualTo(new ImageRemoval(false, 0, "in_use"));
  }

  @Test
  void certificatesNeedAContainer() throws Exception {
    assertFails(
        runtime()
            .installCertificates(newName(), new CertificateInstallation(Optional.empty(), true)),
        NOT_FOUND);
  }

  @Test
  void aContainerThatWasStoppedIsStoppedAfterCertificatesToo() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));

    get(
        runtime()
            .installCertificates(name, new CertificateInstallation(Optional.of(BUNDLE), true)));

    assertThat(get(runtime().start(name))).as("was stopped").isTrue();
  }

  @Test
  void aContainerThatRanGoesOnAfterCertificates() throws Exception {
    var name = newName();
    get(runtime().create(spec(name, image())));
    get(runtime().start(name));

    get(
        runtime()
            .installCertificates(name, new CertificateInstallation(Optional.of(BUNDLE), true)));

    assertThat(get(runtime().start(name))).as("was stopped").isFalse();
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
        ContainerEnvironment.of("APP_ID=" + name.name(), "APP_PORT=23000"),
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

  /** Looks like certificates; nobody has to trust them. */
  protected static final String BUNDLE =
      """
      # a comment
      -----BEGIN CERTIFICATE-----
      Zmlyc3Q=
      -----END CERTIFICATE-----

      -----BEGIN CERTIFICATE-----
      c2Vjb25k
      -----END CERTIFICATE-----
      """;
}
