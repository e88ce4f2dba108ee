// SPDX-License-Identifier: Apache-2.0
/** Images that engines pull, seen as their answers pass. */
@NullMarked
package io.github.harp.proxy.forward.pull;

import org.jspecify.annotations.NullMarked;
