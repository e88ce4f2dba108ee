// SPDX-License-Identifier: Apache-2.0
package io.github.harp.proxy;

import io.github.harp.core.EngineNumber;
import io.github.harp.core.instance.Instance;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * An image that an engine pulls for AppAPI now.
 *
 * @param whose the Nextcloud that asked for it
 * @param image as it was asked for
 * @param since how long ago
 * @param percent how much of it is there, as far as the engine tells
 */
public record ImagePull(
    Instance whose, EngineNumber engine, String image, Duration since, OptionalInt percent) {}
