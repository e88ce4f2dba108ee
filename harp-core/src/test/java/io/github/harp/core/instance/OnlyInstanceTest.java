// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.instance;

import static io.github.harp.core.testing.FakeRequest.get;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("One Nextcloud")
class OnlyInstanceTest extends InstancesContract {

  @Override
  Instances instances() {
    return Instances.only(one);
  }

  @Test
  void itIsAskedForByAnyNameAndKey() {
    var request = get("/exapps/app/x").header("host", "x.example").header("harp-shared-key", "x");
    assertThat(instances().of(request)).isSameAs(one);
  }
}
