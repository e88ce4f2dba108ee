// SPDX-License-Identifier: Apache-2.0

/** Keys and certificates: issued, kept in a folder, judged when they are read, renewed in time. */
@NullMarked
package io.github.harp.tunnel.pki.stock;

import org.jspecify.annotations.NullMarked;
