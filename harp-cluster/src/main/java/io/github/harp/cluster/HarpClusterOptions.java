// SPDX-License-Identifier: Apache-2.0
package io.github.harp.cluster;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a node finds the others.
 *
 * @param servers where the state is that they share
 * @param passwordFile what the user of the servers shows, read for each connection; empty for
 *     servers that need none
 * @param authorities a PEM file with the authorities of the servers' certificates, read for each
 *     connection; empty for those of the Java runtime
 * @param node what this node is called; no two of them the same
 */
public record HarpClusterOptions(
    RedisServers servers, Optional<Path> passwordFile, Optional<Path> authorities, String node) {}
