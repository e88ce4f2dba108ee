// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import static io.github.harp.core.HarpException.Code.CONFLICT;
import static io.github.harp.core.HarpException.Code.NOT_FOUND;
import static io.github.harp.core.HarpException.Code.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.harp.core.runtime.spec.CertificateInstallation;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What AppAPI may rely on of an engine beyond {@link ExAppRuntimeContract}: it holds images that it
 * has, says when something was so already, and keeps what somebody uses.
 */
public abstract class EngineRuntimeContract extends ExAppRuntimeContract {

  /** An image whose program ends at once. */
  protected abstract String endingImage();

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
  void dataThatAnotherRoleUsesIsNotRemoved() throws Exception {
    var name = newName();
    var other = otherRole(name);
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
