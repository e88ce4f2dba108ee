// SPDX-License-Identifier: Apache-2.0
package io.github.harp.core.runtime;

/**
 * A cluster that is set up.
 *
 * @param apiServer the base URL of its API; empty when it is not known
 * @param reachable whether it answered just now
 */
public record ClusterState(String apiServer, boolean reachable) {}
