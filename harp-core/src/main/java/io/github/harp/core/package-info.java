// SPDX-License-Identifier: Apache-2.0
/**
 * What HaRP knows and what it needs from elsewhere: the model of ExApps and users, and the seams
 * behind which Nextcloud, upstreams, engines and runtimes are swapped. No sockets, files, threads
 * or clocks of its own.
 *
 * <p>A {@code Future} of a seam may complete on any thread; whoever needs an event loop re-enters
 * it.
 */
@NullMarked
package io.github.harp.core;

import org.jspecify.annotations.NullMarked;
