// SPDX-License-Identifier: Apache-2.0

/** The messages that frp programs exchange and the codecs that put them on a channel. */
@NullMarked
package io.github.harp.tunnel.frp;

import org.jspecify.annotations.NullMarked;
