// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

/**
 * A container that exists.
 *
 * @param id the engine's id
 * @param name its name
 * @param imageRef what it was made from; empty when the engine does not say
 */
public record Deployed(String id, String name, String imageRef) {}
