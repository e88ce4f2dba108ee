// SPDX-License-Identifier: Apache-2.0
package io.github.harp.docker.inspection;

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
record EngineFacts(
    String product,
    String version,
    String apiVersion,
    String minApiVersion,
    String operatingSystem,
    String rootFolder,
    EngineNetworks networks) {

  boolean isPodman() {
    return product.equals("Podman");
  }

  @Override
  public String toString() {
    return "%s %s, API %s, on %s".formatted(product, version, apiVersion, operatingSystem);
  }
}
