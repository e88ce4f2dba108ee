// SPDX-License-Identifier: Apache-2.0

/** The certificates of a tunnel: issued, stored, renewed, handed out. */
@NullMarked
package io.github.harp.tunnel.pki;

import org.jspecify.annotations.NullMarked;
