// SPDX-License-Identifier: Apache-2.0
package io.github.harp.kubernetes.way;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.github.harp.core.ExAppAddress;
import io.github.harp.core.address.Ports;
import io.github.harp.kubernetes.api.Markings;
import java.util.Optional;

/** What was written beside an object when it was exposed. Anybody may have changed it since. */
final class Told {

  private Told() {}

  static Optional<String> by(HasMetadata object, String annotation) {
    return Optional.ofNullable(object.getMetadata().getAnnotations().get(annotation))
        .filter(it -> !it.isBlank());
  }

  static Optional<Integer> port(HasMetadata object) {
    return by(object, Markings.UPSTREAM_PORT)
        .map(text -> Ports.parse(text).orElse(0))
        .filter(Ports::isPort);
  }

  /** Where it is reached by hand; empty unless both parts are there. */
  static Optional<ExAppAddress> address(HasMetadata object) {
    return by(object, Markings.UPSTREAM_HOST)
        .flatMap(host -> port(object).map(port -> new ExAppAddress(host, port)));
  }
}
