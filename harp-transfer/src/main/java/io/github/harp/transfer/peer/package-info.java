// SPDX-License-Identifier: Apache-2.0
/** How two who want to exchange files come together, and know that it is them. */
@NullMarked
package io.github.harp.transfer.peer;

import org.jspecify.annotations.NullMarked;
