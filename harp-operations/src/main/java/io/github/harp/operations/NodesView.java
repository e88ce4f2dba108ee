// SPDX-License-Identifier: Apache-2.0
package io.github.harp.operations;

import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/**
 * What a node lets be seen of those that it shares its knowledge with.
 *
 * @param check for the doctor
 * @param status without a question to anybody
 */
public record NodesView(Check check, Supplier<JsonObject> status) {}
