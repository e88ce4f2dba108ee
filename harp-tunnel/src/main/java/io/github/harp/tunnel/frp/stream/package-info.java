// SPDX-License-Identifier: Apache-2.0

/** What frp does to a byte stream as a whole: encrypts it, compresses it. */
@NullMarked
package io.github.harp.tunnel.frp.stream;

import org.jspecify.annotations.NullMarked;
