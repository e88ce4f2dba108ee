// SPDX-License-Identifier: Apache-2.0
/**
 * docker-java's transport over an {@link io.github.harp.core.upstream.Upstream}: blocking calls on
 * a Netty channel, each with a deadline.
 */
@NullMarked
package io.github.harp.docker.transport;

import org.jspecify.annotations.NullMarked;
