// SPDX-License-Identifier: Apache-2.0

/** The certificates of a tunnel, for servers, clients and nodes: used, reported, handed out. */
@NullMarked
package io.github.harp.tunnel.pki;

import org.jspecify.annotations.NullMarked;
