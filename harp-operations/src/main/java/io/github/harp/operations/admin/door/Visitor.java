// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.github.harp.core.instance.Instance;
import java.util.Optional;

/**
 * Whoever was let in.
 *
 * @param of the Nextcloud that it administrates; empty for who runs the gateway, and sees all
 */
public record Visitor(Optional<Instance> of) {

  public static final Visitor OPERATOR = new Visitor(Optional.empty());

  public static Visitor of(Instance nextcloud) {
    return new Visitor(Optional.of(nextcloud));
  }

  public boolean isOperator() {
    return of.isEmpty();
  }
}
