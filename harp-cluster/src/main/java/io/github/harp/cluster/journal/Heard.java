// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster.journal;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * Something that a node has told.
 *
 * @param age how long ago that was
 * @param own whether it was this one
 * @param run who told it: what that node does for this Nextcloud, from its beginning to its end
 */
public record Heard(JsonObject event, Duration age, boolean own, String run) {}
