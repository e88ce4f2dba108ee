// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.spec;

import java.util.Objects;

/**
 * A folder of the engine's host inside the container.
 *
 * @param source absolute path on the host
 * @param target absolute path in the container
 */
public record Mount(String source, String target, boolean readOnly) {

  public Mount {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
  }
}
