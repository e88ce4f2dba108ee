// SPDX-License-Identifier: Apache-2.0
/** Whose a tunnel is: who may open one, who has opened it, and who goes when it is another's. */
@NullMarked
package io.github.harp.dialin.claims;

import org.jspecify.annotations.NullMarked;
