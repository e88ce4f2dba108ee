// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

import java.time.Duration;

/**
 * An order that was given and is not over: it waits for its turn, or is carried out.
 *
 * @param what in words, without secrets
 * @param since how long ago it was given
 */
public record OrderUnderWay(Place place, String what, Duration since) {}
