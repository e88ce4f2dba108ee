// SPDX-License-Identifier: Apache-2.0
/** Who may reach what: the decision procedure for every request, and the state that it needs. */
@NullMarked
package io.github.harp.core.access;

import org.jspecify.annotations.NullMarked;
