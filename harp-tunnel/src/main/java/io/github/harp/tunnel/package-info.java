// SPDX-License-Identifier: Apache-2.0

/**
 * An frp server and client for the JVM: the public API. Everything in sub-packages may change
 * between releases.
 */
@NullMarked
package io.github.harp.tunnel;

import org.jspecify.annotations.NullMarked;
