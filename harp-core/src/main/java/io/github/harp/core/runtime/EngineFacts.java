// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

/**
 * What an engine says about itself.
 *
 * @param product {@code Docker} or {@code Podman}
 * @param version its release
 * @param apiVersion the newest version of the Docker API that it speaks
 * @param minApiVersion the oldest; empty when it does not say
 * @param operatingSystem of its host
 * @param rootFolder where its images are on its host; empty when it does not say
 * @param networks which it has and who is in them
 */
public record EngineFacts(
    String product,
    String version,
    String apiVersion,
    String minApiVersion,
    String operatingSystem,
    String rootFolder,
    EngineNetworks networks) {}
