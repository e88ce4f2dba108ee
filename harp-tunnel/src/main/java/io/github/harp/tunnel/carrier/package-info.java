// SPDX-License-Identifier: Apache-2.0
/** What carries the streams between a client and its server. */
@NullMarked
package io.github.harp.tunnel.carrier;

import org.jspecify.annotations.NullMarked;
