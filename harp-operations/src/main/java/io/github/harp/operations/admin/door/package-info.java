// SPDX-License-Identifier: Apache-2.0
/** Who is let in where a gateway is looked after, and to see what. */
@NullMarked
package io.github.harp.operations.admin.door;

import org.jspecify.annotations.NullMarked;
