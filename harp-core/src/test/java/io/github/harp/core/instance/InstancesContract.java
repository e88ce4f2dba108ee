// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.harp.core.ban.Bans;
import io.github.harp.core.key.SharedKey;
import io.github.harp.core.testing.FakeNextcloud;
import io.github.harp.core.testing.ManualTicker;
import org.junit.jupiter.api.Test;

/** What every {@link Instances} does, one Nextcloud or several. */
abstract class InstancesContract {

  final ManualTicker time = new ManualTicker();
  final Bans bans = Bans.of(time);
  final Instance one = instance("the-key-of-one");

  final Instance instance(String key) {
    return Instance.of(SharedKey.of(key), new FakeNextcloud(), bans, time);
  }

  /**
   * @return some that serve {@link #one} for whoever shows its key
   */
  abstract Instances instances();

  @Test
  void whoShowsAKeyIsThatOnes() {
    var request = get("/exapps/app_api/info").header("harp-shared-key", "the-key-of-one");
    assertThat(instances().of(request)).isSameAs(one);
  }

  @Test
  void everyRequestIsSomebodys() {
    assertThat(instances().of(get("/exapps/app/x"))).isNotNull();
    assertThat(instances().of(get("/exapps/app/x").header("host", "\u0000:%%:["))).isNotNull();
    assertThat(instances().of(get("").header("harp-shared-key", ""))).isNotNull();
  }

  @Test
  void allAreTheSameAtAnyTimeAndNobodyChangesThem() {
    var instances = instances();
    assertThat(instances.all()).contains(one).doesNotHaveDuplicates().isEqualTo(instances.all());
    assertThatThrownBy(() -> instances.all().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
