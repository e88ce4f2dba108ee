// SPDX-License-Identifier: Apache-2.0
package io.github.harp.bench.far;

import io.github.harp.bench.peers.Lab;
import io.github.harp.bench.peers.harp.HarpVariant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lab of one scenario with its systems: made when it is first needed, gone with the scenario.
 */
final class FarPlace {
  private final Lab lab;
  private final HarpVariant harp;
  private final FarSettings settings;
  private final List<String> options;
  private @Nullable FarLab far;
  private @Nullable FarSystems systems;

  FarPlace(Lab lab, HarpVariant harp, FarSettings settings, String... more) {
    this.lab = lab;
    this.harp = harp;
    this.settings = settings;
    options = new ArrayList<>(settings.options());
    options.addAll(List.of(more));
  }

  FarLab lab() {
    var made = far;
    if (made == null) {
      made = new FarLab(lab, settings.limit(), options);
      far = made;
      lab.whenRetired(this::end);
    }
    return made;
  }

  FarSystems systems() {
    var made = systems;
    if (made == null) {
      made = new FarSystems(lab(), harp, lab.tools());
      systems = made;
    }
    return made;
  }

  private void end() {
    if (far != null) {
      far.close();
    }
    far = null;
    systems = null;
  }
}
