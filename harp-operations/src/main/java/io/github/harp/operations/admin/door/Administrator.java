// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations.admin.door;

import io.github.harp.core.instance.Instance;
import java.util.Optional;

/**
 * Whoever was let in.
 *
 * @param of the Nextcloud that it administrates; empty for who runs the gateway, and sees all
 */
public record Administrator(Optional<Instance> of) {

  public static final Administrator OPERATOR = new Administrator(Optional.empty());

  public static Administrator of(Instance nextcloud) {
    return new Administrator(Optional.of(nextcloud));
  }

  public boolean isOperator() {
    return of.isEmpty();
  }
}
