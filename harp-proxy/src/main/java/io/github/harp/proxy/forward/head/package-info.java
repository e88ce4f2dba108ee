// SPDX-License-Identifier: Apache-2.0
/** What of a head goes on to the other side, and what an answer's head must satisfy. */
@NullMarked
package io.github.harp.proxy.forward.head;

import org.jspecify.annotations.NullMarked;
