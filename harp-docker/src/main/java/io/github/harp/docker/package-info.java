// SPDX-License-Identifier: Apache-2.0
/**
 * Runs ExApps on Docker and Podman engines. {@link io.github.harp.docker.DockerRuntimes} is the way
 * in; sub-packages are machinery.
 */
@NullMarked
package io.github.harp.docker;

import org.jspecify.annotations.NullMarked;
