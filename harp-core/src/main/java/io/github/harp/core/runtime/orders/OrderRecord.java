// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime.orders;

import io.github.harp.core.HarpException;
import io.github.harp.core.runtime.Place;
import java.time.Duration;
import java.util.Optional;

/**
 * What is to be said of one order when it is over.
 *
 * @param failure why it was not carried out; empty when it was
 * @param took from the moment it was given, so with the time it waited for its turn
 */
public record OrderRecord(
    Place place, Kind kind, Optional<HarpException.Code> failure, Duration took) {

  public enum Kind {
    FIND,
    CREATE,
    START,
    STOP,
    AWAIT_START,
    REMOVE,
    REMOVE_IMAGE,
    INSTALL_CERTIFICATES,
    EXPOSE,
    DESCRIBE
  }
}
