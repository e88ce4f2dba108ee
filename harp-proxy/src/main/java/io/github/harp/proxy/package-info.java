// SPDX-License-Identifier: Apache-2.0
/**
 * What an embedder uses: build a {@code HarpProxy} from the seams of harp-core, start it, stop it.
 */
@NullMarked
package io.github.harp.proxy;

import org.jspecify.annotations.NullMarked;
