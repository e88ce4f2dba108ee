// SPDX-License-Identifier: Apache-2.0
/**
 * Streams over QUIC: of a client's connection to its server, and between two peers that have met.
 * The one package that needs Netty's QUIC, which need not be on the class path.
 */
@NullMarked
package io.github.harp.tunnel.quic;

import org.jspecify.annotations.NullMarked;
